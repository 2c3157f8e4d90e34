-- The records of one customer who shows what linking does: many systems know the customer, at least one record without
-- an id; most of the records bear the name that has survived; the probabilities say the most: the more different ones,
-- the more records with another spelling.
with linked as (
    select record_id, max(probability) as probability
    from (
        select record_id_l as record_id, probability from identity.links
        union all
        select record_id_r as record_id, probability from identity.links
    ) as ends
    group by record_id
),

named as (
    select
        crosswalk.customer_key,
        records.record_id,
        records.system,
        records.claimed_customer_id,
        linked.probability,
        lower(coalesce(records.full_name, concat_ws(' ', records.first_name, records.last_name)))
        = lower(concat_ws(' ', customers.first_name, customers.last_name)) as has_the_name
    from identity.crosswalk
    inner join identity.records using (record_id)
    inner join marts.customer_360 as customers using (customer_key)
    left join linked using (record_id)
),

chosen as (
    select customer_key from named
    group by customer_key
    having
        count(distinct system) >= 4
        and count(*) <= 8
        and bool_or(claimed_customer_id is null)
        and count(*) filter (where has_the_name) > count(*) / 2.0
    order by
        count(distinct system) desc,
        count(distinct round(probability::numeric, 4)) desc,
        count(*) filter (where not has_the_name) desc,
        count(*) filter (where claimed_customer_id is null) desc,
        customer_key asc
    limit 1
)

select
    crosswalk.customer_key,
    records.record_id,
    records.system,
    records.claimed_customer_id,
    records.full_name,
    records.first_name,
    records.last_name,
    records.email,
    records.date_of_birth,
    records.birth_year,
    records.postcode,
    linked.probability
from identity.crosswalk
inner join chosen using (customer_key)
inner join identity.records using (record_id)
left join linked using (record_id)
order by records.system, records.record_id
