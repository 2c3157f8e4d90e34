-- How many customers are known to one system, to two, and so on.
with known as (
    select
        crosswalk.customer_key,
        count(distinct records.system) as systems,
        count(*) as records
    from identity.crosswalk
    inner join identity.records on crosswalk.record_id = records.record_id
    group by crosswalk.customer_key
)

select
    systems,
    count(*) as customers,
    sum(records)::bigint as records
from known
group by systems
order by systems
