-- What has happened to keys since the last report: a count of each kind, and the merges and splits by key.
with recent as (
    select
        event,
        customer_key,
        other_key,
        event_id,
        count(*) over (partition by event) as events,
        row_number() over (partition by event order by event_id) as place
    from identity.key_events
    where event_id > %(last_event_id)s -- noqa: PRS
)

select
    event,
    events,
    customer_key,
    other_key,
    place
from recent
where place <= 12
order by event, place
