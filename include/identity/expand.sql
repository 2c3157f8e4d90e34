-- The records one step away from those that the last step has reached: by a link, or by being one person.
insert into relinked (record_id, step)
with latest as (
    select
        record_id,
        step
    from relinked
    where step = (select max(reached.step) from relinked as reached)
)

select
    links.record_id_r,
    latest.step + 1 as step
from latest
inner join identity.proposed_links as links on latest.record_id = links.record_id_l
union
select
    links.record_id_l,
    latest.step + 1 as step
from latest
inner join identity.proposed_links as links on latest.record_id = links.record_id_r
union
select
    members.record_id,
    latest.step + 1 as step
from latest
inner join identity.proposed_clusters as own on latest.record_id = own.record_id
inner join identity.proposed_clusters as members on own.cluster_id = members.cluster_id
on conflict do nothing
