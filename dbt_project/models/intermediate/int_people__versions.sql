{{ config(tags=['stage']) }}

{#- Contacts of service and support and guests of the shop are named by a hash of what they say: it never changes. -#}
{% set delivering = {
    ('crm', 'customers'): ref('stg_crm__customers'),
    ('finance', 'accounts'): ref('stg_finance__accounts'),
    ('demographics', 'customers'): ref('stg_demographics__customers'),
    ('usage', 'product_usage'): ref('stg_usage__product_usage'),
    ('wealth', 'clients'): ref('stg_wealth__clients'),
    ('ecommerce', 'accounts'): ref('stg_ecommerce__accounts'),
    ('pos', 'members'): ref('stg_pos__members'),
    ('marketing', 'contacts'): ref('stg_marketing__contacts'),
    ('marketing', 'leads'): ref('stg_marketing__leads'),
    ('bureau', 'credit_reports'): ref('stg_bureau__credit_reports'),
    ('lending', 'people'): ref('stg_lending__people'),
    ('hr', 'employees'): ref('stg_hr__employees'),
    ('motor', 'vehicles'): ref('stg_motor__vehicles'),
    ('bank', 'clients'): ref('stg_bank__clients'),
} -%}

with

delivered as (
    {% for (system, entity), relation in delivering.items() %}
        select
            record_id, '{{ system }}' as system, '{{ entity }}' as entity, source_key, versions, version_since_dates,
            version_until_dates
        from {{ relation }}
        where versions is not null
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- The last version is that of today, which staging holds in columns.
dated as (
    select
        delivered.record_id, delivered.system, delivered.entity, delivered.source_key,
        delivered.versions -> numbers.number as said,
        (delivered.version_since_dates ->> numbers.number)::date as valid_from_date,
        (delivered.version_since_dates ->> (numbers.number + 1))::date as valid_to_date,
        (delivered.version_until_dates ->> numbers.number)::date as batch_date
    from delivered
    cross join lateral generate_series(0, jsonb_array_length(delivered.version_since_dates) - 2) as numbers (number)
),

spoken as (select dated.*, (dated.said ->> 'recorded_at')::timestamptz as recorded_at from dated)

select
    record_id, system, entity, source_key, valid_from_date, valid_to_date, batch_date, recorded_at,
    {% for name in [
        'full_name', 'first_name', 'last_name', 'email', 'phone', 'gender', 'address_line', 'city', 'postcode', 'country',
    ] -%}
        said ->> '{{ name }}' as {{ name }},
    {% endfor %}
    lower(said ->> 'occupation') as occupation,
    (said ->> 'date_of_birth')::date as date_of_birth,
    case
        when (said ->> 'age')::integer between 0 and 130
            then
                extract(
                    year from coalesce((recorded_at at time zone 'UTC')::date, batch_date)
                )::integer - (said ->> 'age')::integer
    end as birth_year,
    case when system = 'crm' then said ->> 'customer_id_crm' end as customer_id,
    case when system <> 'crm' then said ->> 'customer_id_crm' end as claimed_customer_id,
    {% for name in ['card_token', 'iban_token', 'national_id_token', 'client_id_bank', 'user_id_web'] -%}
        said ->> '{{ name }}' as {{ name }},
    {% endfor %}
    {% for name in [
        'marital_status', 'education_level', 'income_bracket', 'join_date', 'lifestyle_segment',
        'geographic_segment', 'credit_score', 'dependants', 'purchase_propensity', 'competitor_spend_eur',
    ] -%}
        said ->> '{{ name }}' as {{ name }},
    {% endfor %}
    said ->> 'company' as employer,
    said ->> 'language' as language,
    case
        when (said ->> 'is_retired')::boolean then said ->> 'pension'
        else coalesce(said ->> 'declared_income', said ->> 'salary')
    end as yearly_income,
    case when system in ('wealth', 'hr') then said ->> 'currency' end as income_currency
from spoken
