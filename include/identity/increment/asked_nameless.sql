-- The temporary table `asked`: of the records that are linked by identifiers alone those that come now, and those that
-- share an identifier or a mailbox with a record in `placed`, or a mailbox with one that comes now.
create temp table asked on commit drop as
with fresh as (
    select nameless.*
    from nameless
    inner join touched on nameless.record_id = touched.record_id
    left join unsettled on nameless.record_id = unsettled.record_id
    where nameless.is_by_id and unsettled.record_id is null
),

own as (
    select
        compared.email,
        compared.identifiers
    from placed
    inner join identity.compared on placed.record_id = compared.unique_id
),

known as (
    select held_by_nameless.record_id
    from own
    cross join unnest(own.identifiers) as held (identifier)
    inner join held_by_nameless on held.identifier = held_by_nameless.identifier
    union
    select nameless.record_id
    from own
    inner join nameless on own.email = nameless.email
    union
    select nameless.record_id
    from fresh
    inner join nameless on fresh.email = nameless.email
)

select
    fresh.record_id,
    fresh.email,
    fresh.identifiers,
    null::bigint as cluster_id
from fresh
union all
select
    nameless.record_id,
    nameless.email,
    nameless.identifiers,
    nameless.cluster_id
from known
inner join nameless on known.record_id = nameless.record_id
left join touched on nameless.record_id = touched.record_id
where nameless.is_by_id and touched.record_id is null
