-- For each system and identifier: how many records have it, how many values there are, and who else knows them.
with kinds as (
    select distinct
        records.system,
        split_part(held.identifier, ':', 1) as kind,
        replace(split_part(held.identifier, ':', 1), '_', ' ') as name
    from identity.records
    cross join lateral unnest(records.identifiers) as held (identifier)
),

identifiers as (
    select
        records.system,
        identifier.name,
        identifier.value
    from identity.records
    cross join
        lateral (
            values
            ('customer id', records.claimed_customer_id),
            ('e-mail', records.email),
            ('phone', records.phone)
        ) as identifier (name, value)
    union all
    -- Of several cards the first.
    select
        records.system,
        kinds.name,
        (
            select min(held.identifier) from unnest(records.identifiers) as held (identifier)
            where split_part(held.identifier, ':', 1) = kinds.kind
        ) as value
    from identity.records
    inner join kinds on records.system = kinds.system
),

held as (
    select
        name,
        value,
        system,
        count(*) as records
    from identifiers
    where value is not null
    group by name, value, system
),

-- A window cannot count distinct systems; each row of `held` is one.
spread as (
    select
        *,
        count(*) over (partition by name, value) as systems
    from held
),

used as (
    select
        name,
        system,
        sum(records) as filled,
        count(*) as distinct_values,
        coalesce(sum(records) filter (where records > 1), 0) as repeated,
        coalesce(sum(records) filter (where systems > 1), 0) as known_elsewhere
    from spread
    group by name, system
),

totals as (
    select
        name,
        system,
        count(*) as records
    from identifiers
    group by name, system
)

select
    totals.system,
    totals.name,
    totals.records,
    coalesce(used.distinct_values, 0) as distinct_values,
    coalesce(used.filled, 0)::float / totals.records as filled,
    coalesce(used.repeated::float / used.filled, 0) as repeated,
    coalesce(used.known_elsewhere::float / used.filled, 0) as known_elsewhere
from totals
left join used on totals.name = used.name and totals.system = used.system
order by totals.system, totals.name
