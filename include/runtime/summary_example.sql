-- The records of one customer whom at least four systems know, one of them linked by the model alone.
with candidates as (
    select
        crosswalk.customer_key,
        count(distinct records.system) as systems,
        count(*) filter (where records.claimed_customer_id is null) as without_id,
        count(*) as records
    from identity.crosswalk
    inner join identity.records using (record_id)
    group by crosswalk.customer_key
),

chosen as (
    select customer_key from candidates
    where systems >= 4 and without_id >= 1 and records <= 8
    order by systems desc, without_id desc, customer_key asc
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
    (
        select max(links.probability) from identity.links
        where records.record_id in (links.record_id_l, links.record_id_r)
    ) as probability
from identity.crosswalk
inner join chosen using (customer_key)
inner join identity.records using (record_id)
order by records.system, records.record_id
