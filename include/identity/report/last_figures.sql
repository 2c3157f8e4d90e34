-- The figures of the last build that was reported before this one; those of pairs of the last one that has them, since
-- increments count no pairs.
with earlier as (
    select
        figures.build_id,
        builds.partition_key,
        figures.figure,
        figures.value,
        starts_with(figures.figure, 'weight.') or figures.figure = any (%(of_pairs)s) as is_of_pairs -- noqa: PRS
    from ops.identity_figures as figures
    inner join ops.builds on figures.build_id = builds.build_id
    where figures.build_id < %(build_id)s -- noqa: PRS
)

select
    partition_key,
    figure,
    value,
    is_of_pairs
from earlier
where
    build_id = (
        select max(latest.build_id) from earlier as latest
        where latest.is_of_pairs = earlier.is_of_pairs
    )
