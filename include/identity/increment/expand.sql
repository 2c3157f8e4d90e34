-- The records one step away from those that the last step has reached: by a link, by being one person, or by an
-- identifier, mailbox or telephone that both have, if one of the two has no name, since it goes where the holders go.
-- Holders without a name are in the temporary table `nameless`, since every step asks for them.
insert into relinked (record_id, step)
with latest as (
    select
        record_id,
        step
    from relinked
    where step = (select max(reached.step) from relinked as reached)
),

own as (
    select
        records.identifiers,
        records.email,
        compared.phone,
        latest.step,
        nameless.record_id is not null as is_nameless
    from latest
    inner join identity.records on latest.record_id = records.record_id
    left join identity.compared on latest.record_id = compared.unique_id
    left join nameless on latest.record_id = nameless.record_id
),

wanted as (
    select
        own.step,
        own.is_nameless,
        held.identifier
    from own cross join unnest(own.identifiers) as held (identifier)
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
inner join identity.proposed_clusters as mine on latest.record_id = mine.record_id
inner join identity.proposed_clusters as members on mine.cluster_id = members.cluster_id
union
select
    held_by_nameless.record_id,
    wanted.step + 1 as step
from wanted
inner join held_by_nameless on wanted.identifier = held_by_nameless.identifier
union
select
    holders.record_id,
    wanted.step + 1 as step
from wanted
inner join identity.records as holders on holders.identifiers @> array[wanted.identifier]
where wanted.is_nameless
union
select
    holders.unique_id,
    own.step + 1 as step
from own
inner join identity.compared as holders on own.email = holders.email
left join crowded on own.email = crowded.value and crowded.identifier = 'email'
where own.is_nameless and crowded.value is null
union
select
    holders.unique_id,
    own.step + 1 as step
from own
inner join identity.compared as holders on own.phone = holders.phone
left join crowded on own.phone = crowded.value and crowded.identifier = 'phone'
where own.is_nameless and crowded.value is null
union
select
    nameless.record_id,
    own.step + 1 as step
from own
inner join nameless on own.email = nameless.email
union
select
    nameless.record_id,
    own.step + 1 as step
from own
inner join nameless on own.phone = nameless.phone
on conflict do nothing
