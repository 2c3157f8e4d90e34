-- The customers that two systems have in common; a system with itself gives all of its customers.
with known as (
    select distinct
        records.system,
        crosswalk.customer_key
    from identity.crosswalk
    inner join identity.records on crosswalk.record_id = records.record_id
)

select
    one.system,
    other.system as other_system,
    count(*) as customers
from known as one
inner join known as other on one.customer_key = other.customer_key
group by one.system, other.system
order by one.system, other.system
