-- The records of an item with the customer of each, the facts that hang on it, and the corrections in force.
select
    records.record_id,
    records.system,
    records.first_name,
    records.middle_name,
    records.last_name,
    records.full_name,
    records.date_of_birth,
    records.birth_year,
    records.gender,
    records.email,
    records.phone,
    records.address_line,
    records.city,
    records.postcode,
    records.country,
    records.occupation,
    records.claimed_customer_id,
    crosswalk.customer_key,
    coalesce(
        (
            select jsonb_object_agg(standing.field, standing.new_value)
            from identity.decisions_in_force as standing
            where standing.decision = 'correct' and standing.record_id_l = records.record_id
        ), '{}'::jsonb
    ) as corrections
from identity.records as records
left join identity.crosswalk as crosswalk on records.record_id = crosswalk.record_id
where records.record_id = any (%(record_ids)s) -- noqa: PRS
order by records.record_id
