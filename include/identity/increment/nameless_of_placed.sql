-- The records in `placed` that share an identifier, mailbox or telephone with a record without a name that is compared
-- and is in another cluster or in none: it may be theirs by now, or their coming makes it one that several may be.
with others as (
    select nameless.*
    from nameless
    where not nameless.is_by_id
),

own as (
    select
        placed.record_id,
        placed.cluster_id,
        compared.identifiers,
        compared.email,
        compared.phone
    from placed
    inner join identity.compared on placed.record_id = compared.unique_id
)

select own.record_id
from own
cross join unnest(own.identifiers) as held (identifier)
inner join held_by_nameless on held.identifier = held_by_nameless.identifier
inner join others on held_by_nameless.record_id = others.record_id
where (own.cluster_id = others.cluster_id) is not true
union
select own.record_id
from own
inner join others on own.email = others.email
left join crowded on own.email = crowded.value and crowded.identifier = 'email'
where (own.cluster_id = others.cluster_id) is not true and crowded.value is null
union
select own.record_id
from own
inner join others on own.phone = others.phone
left join crowded on own.phone = crowded.value and crowded.identifier = 'phone'
where (own.cluster_id = others.cluster_id) is not true and crowded.value is null
