-- The builds of the given days, the newest first, each with the last build before it that was built.
select
    builds.partition_key,
    builds.run_id,
    builds.build_id,
    builds.state,
    earlier.build_id as last_built,
    earlier.run_id as last_run_id
from ops.builds
left join lateral (
    select built.build_id, built.run_id from ops.builds as built
    where built.state = 'built' and built.build_id < builds.build_id
    order by built.build_id desc
    limit 1
) as earlier on true
where builds.partition_key = any (%s) -- noqa: PRS
order by builds.build_id desc
