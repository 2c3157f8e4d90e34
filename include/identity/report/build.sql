-- The build that the report is of: the last good one, and the newest batch that it read.
select
    builds.build_id,
    builds.partition_key,
    (select max(build_files.batch_date) from ops.build_files) as batch_date,
    (select coalesce(max(key_events.event_id), 0) from identity.key_events) as last_event_id
from ops.builds
where builds.state = 'built'
order by builds.build_id desc
limit 1
