-- How the last adopted linking was done, and since when there have been increments alone: pairs are counted by linkings
-- in full.
with adopted as (
    select
        *,
        max(linking_id) filter (where mode = 'full') over () as full_linking_id
    from identity.linkings
    where is_adopted
)

select
    last.mode,
    last.reason,
    last.model_version,
    last.batch_date,
    last.records,
    last.relinked,
    last_full.batch_date as full_batch_date,
    (
        select count(*) from adopted
        where adopted.linking_id > adopted.full_linking_id
    ) as increments
from adopted as last
left join adopted as last_full on last.full_linking_id = last_full.linking_id
order by last.linking_id desc
limit 1
