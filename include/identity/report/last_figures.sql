-- The figures of the last build that was reported before this one.
select
    figures.build_id,
    builds.partition_key,
    figures.figure,
    figures.value
from ops.identity_figures as figures
inner join ops.builds on figures.build_id = builds.build_id
where
    figures.build_id = (
        select max(earlier.build_id) from ops.identity_figures as earlier
        where earlier.build_id < %(build_id)s -- noqa: PRS
    )
