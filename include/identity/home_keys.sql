-- The key that a record was last given for itself, where it has another one by now (a merge) or none (withdrawn).
with given as (
    select distinct on (key_events.record_id)
        key_events.record_id,
        key_events.customer_key
    from identity.key_events
    where key_events.event in ('joined', 'moved')
    order by key_events.record_id, key_events.event_id desc
)

select
    given.record_id,
    given.customer_key
from given
left join identity.crosswalk on given.record_id = crosswalk.record_id
where crosswalk.customer_key is distinct from given.customer_key
