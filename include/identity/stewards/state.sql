-- What the head of the page says: the last good build, whether one runs, and what waits for the next.
with last_build as (
    select partition_key, last_decision_id, ended_at
    from ops.builds
    where state = 'built'
    order by build_id desc
    limit 1
)

select
    (select partition_key from last_build) as built_day,
    (select ended_at from last_build) as built_at,
    (
        select builds.state = 'running'
        from ops.builds as builds
        order by builds.build_id desc
        limit 1
    ) as is_building,
    (
        select count(*) from identity.decisions
        where decisions.decision_id > coalesce((select last_build.last_decision_id from last_build), 0)
    ) as waiting,
    coalesce(
        (
            select jsonb_object_agg(kind, jsonb_build_object('found', found, 'queued', queued))
            from identity.review_counts
        ), '{}'::jsonb
    ) as counts
