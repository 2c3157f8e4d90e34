{{ config(tags=['marts']) }}

with

corrected_records as (
    {{ corrected_records() }}
),

rates as (
    {{ newest_rates() }}
),

records as (
    select
        crosswalk.customer_key, records.*, comparable.batch_date, comparable.recorded_at, comparable.first_seen_date,
        stated.customer_id, stated.marital_status, stated.education_level, stated.income_bracket, stated.join_date,
        stated.lifestyle_segment, stated.geographic_segment, stated.credit_score, stated.dependants,
        case when departures.gone_date is null then stated.employer end as employer, stated.language,
        stated.purchase_propensity, stated.competitor_spend_eur,
        case
            when departures.gone_date is null
                then round(stated.yearly_income::numeric * rates.eur_per_unit)::text
        end as yearly_income_eur,
        records.first_name is not null and records.last_name is not null as has_whole_name,
        records.city is not null as has_whole_address,
        corrected_records.name_decision_id, corrected_records.address_decision_id
    from {{ source('identity', 'records') }} as records
    inner join {{ source('identity', 'crosswalk') }} as crosswalk on records.record_id = crosswalk.record_id
    inner join {{ ref('int_people__comparable') }} as comparable on records.record_id = comparable.record_id
    left join {{ ref('int_people__stated_attributes') }} as stated on records.record_id = stated.record_id
    left join rates on stated.income_currency = rates.currency
    left join corrected_records on records.record_id = corrected_records.record_id
    left join {{ ref('int_people__departures') }} as departures on records.record_id = departures.record_id
    where coalesce(departures.system <> 'ecommerce', true)
),

{{ ranked_candidates(['customer_key']) }}

select
    ranked.customer_key,
    ranked.attribute_group,
    ranked.attribute,
    {{ published_value() }} as value,
    ranked.is_whole_group,
    ranked.system,
    ranked.record_id,
    ranked.batch_date,
    ranked.recorded_at,
    ranked.first_seen_date,
    case when ranked.decision_id is null then ranked.system_preference else 0 end as preference,
    case
        when ranked.decision_id is null then ranked.system_rule else 'steward decision ' || ranked.decision_id
    end as rule,
    ranked.group_decision_id,
    coalesce(ranked.correction_rank, ranked.group_rank + coalesce(corrected.correction_count, 0)) as rank
from ranked
left join corrected on ranked.customer_key = corrected.customer_key and ranked.attribute = corrected.attribute
