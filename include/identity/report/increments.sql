-- What the last linking in full that followed increments has found different from them, and how many they were.
with measured as (
    select
        linking_id,
        batch_date,
        lag(linking_id) over (order by linking_id) as earlier_id
    from identity.linkings
    where mode = 'full'
)

select
    drift.kind,
    drift.pairs,
    measured.batch_date,
    drift.linking_id - coalesce(measured.earlier_id, 0) - 1 as increments
from identity.drift
inner join measured on drift.linking_id = measured.linking_id
where drift.linking_id = (select max(latest.linking_id) from identity.drift as latest)
