-- Per system: its records, the customers behind them, and how many of those it holds several times.
with held as (
    select
        records.system,
        crosswalk.customer_key,
        count(*) as records
    from identity.crosswalk
    inner join identity.records on crosswalk.record_id = records.record_id
    group by records.system, crosswalk.customer_key
)

select
    held.system,
    sum(held.records)::bigint as records,
    count(*) as customers,
    count(*) filter (where held.records > 1) as customers_held_again,
    (sum(held.records) - count(*))::bigint as surplus_records,
    max(held.records) as most_records_of_one
from held
group by held.system
order by held.system
