-- Figures of the records of people, as of the newest batch of their system. Accuracy: of the values for which another
-- system states one of the same person, those that some other system states as well. Uniqueness: records that are the
-- first of their person in the system.
with newest as (
    select
        system,
        max(batch_date) as batch_date
    from ops.build_files
    where system = any(coalesce(%(systems)s::text[], array[system])) -- noqa: PRS, LT01
    group by system
),

people as (
    select
        records.*,
        crosswalk.customer_key
    from identity.records
    inner join identity.crosswalk on records.record_id = crosswalk.record_id
),

stated as (
    select
        people.system,
        people.entity,
        people.customer_key,
        field.name,
        field.value
    from people
    cross join
        lateral (
            values
            ('first_name', people.first_name),
            ('last_name', people.last_name),
            ('email', people.email),
            ('phone', people.phone),
            ('date_of_birth', people.date_of_birth::text),
            ('postcode', people.postcode),
            ('gender', people.gender)
        ) as field (name, value)
    where field.value is not null
),

by_value as (
    select
        customer_key,
        name,
        value,
        count(distinct system) as systems
    from stated
    group by customer_key, name, value
),

by_person as (
    select
        customer_key,
        name,
        count(distinct system) as systems
    from stated
    group by customer_key, name
),

figures as (
    select
        stated.system,
        stated.entity,
        'accuracy' as dimension,
        'other_systems_agree' as rule,
        stated.name as column_name,
        count(*) as checked,
        count(*) filter (where by_value.systems > 1) as passed
    from stated
    inner join by_person
        on stated.customer_key = by_person.customer_key and stated.name = by_person.name and by_person.systems > 1
    inner join by_value
        on stated.customer_key = by_value.customer_key and stated.name = by_value.name and stated.value = by_value.value
    group by stated.system, stated.entity, stated.name
    union all
    select
        system,
        entity,
        'uniqueness' as dimension,
        'one_record_per_person' as rule,
        '' as column_name,
        count(*) as checked,
        count(distinct customer_key) as passed
    from people
    group by system, entity
)

insert into ops.quality_measures (system, entity, batch_date, dimension, rule, column_name, checked, passed)
select
    figures.system,
    figures.entity,
    newest.batch_date,
    figures.dimension,
    figures.rule,
    figures.column_name,
    figures.checked,
    figures.passed
from figures
inner join newest on figures.system = newest.system
on conflict (system, batch_date, entity, dimension, rule, column_name) do update
    set checked = excluded.checked, passed = excluded.passed, measured_at = now()
