-- For records whose key is not the one that they were last given for themselves (it has been merged since, or they were
-- withdrawn): that key, and the one that they had when they left.
with given as (
    select distinct on (key_events.record_id)
        key_events.record_id,
        key_events.customer_key
    from identity.key_events
    where key_events.event in ('joined', 'moved')
    order by key_events.record_id asc, key_events.event_id desc
),

departed as (
    select distinct on (key_events.record_id)
        key_events.record_id,
        key_events.customer_key
    from identity.key_events
    where key_events.event = 'left'
    order by key_events.record_id asc, key_events.event_id desc
)

select
    given.record_id,
    given.customer_key as home_key,
    case when crosswalk.record_id is null then departed.customer_key end as last_key
from given
left join identity.crosswalk on given.record_id = crosswalk.record_id
left join departed on given.record_id = departed.record_id
where crosswalk.customer_key is distinct from given.customer_key
