-- The files of an entity that its profile is made of: of a snapshot the newest released ones, else all released ones.
select
    coalesce(array_agg(file_id), '{}') as files,
    coalesce(sum(rows_landed), 0)::bigint as records
from (
    select
        file_id,
        rows_landed,
        batch_date,
        max(batch_date) over () as newest_date
    from ops.files
    where system = %(system)s and entity = %(entity)s and state = 'released' -- noqa: PRS
) as files
where not %(is_snapshot)s or batch_date = newest_date -- noqa: PRS
