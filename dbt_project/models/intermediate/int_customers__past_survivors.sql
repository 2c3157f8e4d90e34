{{ config(tags=['marts']) }}

{% set compared = [
    'first_name', 'last_name', 'email', 'phone', 'date_of_birth', 'birth_year', 'gender', 'address_line', 'city',
    'postcode', 'country', 'occupation',
] -%}
{% set stated = [
    'customer_id', 'marital_status', 'education_level', 'income_bracket', 'join_date', 'lifestyle_segment',
    'geographic_segment', 'credit_score', 'yearly_income', 'income_currency', 'dependants', 'employer', 'language',
    'purchase_propensity', 'competitor_spend_eur',
] -%}

with

corrected_records as (
    {{ corrected_records() }}
),

rates as (
    {{ newest_rates() }}
),

people as (
    select crosswalk.customer_key, comparable.*
    from {{ source('identity', 'crosswalk') }} as crosswalk
    inner join {{ ref('int_people__comparable') }} as comparable on crosswalk.record_id = comparable.record_id
),

-- The days on which a record of the customer came, changed or left; the last of them begins the present.
moments as (
    select customer_key, first_seen_date as as_of_date
    from people
    union
    select people.customer_key, versions.valid_to_date as as_of_date
    from people
    inner join {{ ref('int_people__versions') }} as versions on people.record_id = versions.record_id
    union
    select people.customer_key, departures.gone_date as as_of_date
    from people
    inner join {{ ref('int_people__departures') }} as departures on people.record_id = departures.record_id
),

past as (
    select customer_key, as_of_date
    from (
        select customer_key, as_of_date, max(as_of_date) over (partition by customer_key) as last_date
        from moments
    ) as dated
    where as_of_date < last_date
),

changed as (
    select record_id, max(valid_to_date) as changed_date
    from {{ ref('int_people__versions') }}
    group by record_id
),

states as (
    select
        versions.record_id, versions.system, versions.valid_from_date, versions.valid_to_date, versions.batch_date,
        versions.recorded_at, {{ columns_of('standardised', compared) }}, {{ columns_of('versions', stated) }}
    from {{ ref('int_people__versions') }} as versions
    inner join {{ source('identity', 'record_versions') }} as standardised
        on versions.record_id = standardised.record_id and versions.valid_from_date = standardised.valid_from_date
    union all
    select
        people.record_id, people.system, coalesce(changed.changed_date, people.first_seen_date) as valid_from_date,
        null as valid_to_date, people.batch_date, people.recorded_at, {{ columns_of('standardised', compared) }},
        {{ columns_of('stated', stated) }}
    from people
    inner join {{ source('identity', 'records') }} as standardised on people.record_id = standardised.record_id
    left join {{ ref('int_people__stated_attributes') }} as stated on people.record_id = stated.record_id
    left join changed on people.record_id = changed.record_id
),

-- A version counts as delivered on each day between its first and its last delivery.
delivered as (
    select
        past.customer_key, past.as_of_date, states.record_id, states.system,
        least(states.batch_date, past.as_of_date) as batch_date, states.recorded_at, people.first_seen_date,
        {{ columns_of('states', compared) }},
        {{ columns_of('states', stated | reject('in', ['yearly_income', 'income_currency', 'employer'])) }},
        case when coalesce(past.as_of_date < departures.gone_date, true) then states.employer end as employer,
        case
            when coalesce(past.as_of_date < departures.gone_date, true)
                then round(states.yearly_income::numeric * rates.eur_per_unit)::text
        end as yearly_income_eur,
        departures.system = 'ecommerce' and past.as_of_date >= departures.gone_date as is_deleted,
        states.first_name is not null and states.last_name is not null as has_whole_name,
        states.city is not null as has_whole_address,
        corrected_records.name_decision_id, corrected_records.address_decision_id
    from past
    inner join people on past.customer_key = people.customer_key
    inner join states
        on
            people.record_id = states.record_id and past.as_of_date >= states.valid_from_date
            and coalesce(past.as_of_date < states.valid_to_date, true)
    left join rates on states.income_currency = rates.currency
    left join corrected_records on states.record_id = corrected_records.record_id
    left join {{ ref('int_people__departures') }} as departures on states.record_id = departures.record_id
),

records as (
    select * from delivered
    where not coalesce(is_deleted, false)
),

{{ ranked_candidates(['customer_key', 'as_of_date']) }},

survivors as (
    select
        {% for attribute in golden_attributes() -%}
            max({{ published_value() }}) filter (where ranked.attribute = '{{ attribute }}') as {{ attribute }},
        {% endfor %}
        ranked.customer_key, ranked.as_of_date
    from ranked
    left join corrected
        on
            ranked.customer_key = corrected.customer_key and ranked.as_of_date = corrected.as_of_date
            and ranked.attribute = corrected.attribute
    where coalesce(ranked.correction_rank, ranked.group_rank + coalesce(corrected.correction_count, 0)) = 1
    group by ranked.customer_key, ranked.as_of_date
),

sources as (
    select customer_key, as_of_date, string_agg(distinct system, ',' order by system) as data_source
    from delivered
    group by customer_key, as_of_date
)

select
    sources.customer_key, sources.as_of_date, sources.data_source,
    {{ columns_of('survivors', golden_attributes()) }},
    {{ location_key(
        'survivors.country', 'survivors.city', 'survivors.postcode', 'survivors.address_line'
    ) }} as location_key
from sources
left join survivors on sources.customer_key = survivors.customer_key and sources.as_of_date = survivors.as_of_date
