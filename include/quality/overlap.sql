-- Who is known where, as of the newest batch: pairs of systems, sets of systems, and the gaps of each.
with known as materialized (
    select distinct
        records.system,
        crosswalk.customer_key
    from identity.crosswalk
    inner join identity.records on crosswalk.record_id = records.record_id
),

as_of as (select max(batch_date) as as_of_date from ops.build_files),

sets as materialized (
    select
        customer_key,
        array_agg(system order by system) as systems
    from known
    group by customer_key
),

company as (select count(*) as customers from sets),

pairs as (
    insert into ops.system_overlap (as_of_date, system, other_system, customers)
    select
        as_of.as_of_date,
        one.system,
        other.system as other_system,
        count(*) as customers
    from known as one
    inner join known as other on one.customer_key = other.customer_key
    cross join as_of
    group by as_of.as_of_date, one.system, other.system
),

whole_sets as (
    insert into ops.system_sets (as_of_date, systems, customers)
    select
        as_of.as_of_date,
        sets.systems,
        count(*) as customers
    from sets
    cross join as_of
    group by as_of.as_of_date, sets.systems
)

insert into ops.system_gaps (as_of_date, system, customers, only_here, missing_here)
select
    as_of.as_of_date,
    known.system,
    count(*) as customers,
    count(*) filter (where cardinality(sets.systems) = 1) as only_here,
    company.customers - count(*) as missing_here
from known
inner join sets on known.customer_key = sets.customer_key
cross join as_of
cross join company
group by as_of.as_of_date, known.system, company.customers
