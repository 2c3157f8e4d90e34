{% set attributes = [
    'customer_id', 'first_name', 'last_name', 'email', 'phone', 'date_of_birth', 'gender', 'marital_status',
    'education_level', 'occupation', 'income_bracket', 'join_date', 'birth_year', 'address_line', 'city', 'postcode',
    'country',
] %}

with

candidates as (select * from {{ ref('int_customers__attribute_candidates') }}),

survivors as (
    select
        {% for attribute in attributes %}
            max(value) filter (where attribute = '{{ attribute }}') as {{ attribute }},
        {% endfor %}
        customer_key
    from candidates
    where place = 1
    group by customer_key
),

activity as (
    select
        crosswalk.customer_key,
        bool_or(
            coalesce(crm.status = 'active', usage.is_in_latest_snapshot, finance.status = 'open', true)
        ) as is_active
    from {{ source('identity', 'crosswalk') }} as crosswalk
    left join {{ ref('stg_crm__customers') }} as crm on crosswalk.record_id = crm.record_id
    left join {{ ref('stg_usage__product_usage') }} as usage on crosswalk.record_id = usage.record_id
    left join {{ ref('stg_finance__accounts') }} as finance on crosswalk.record_id = finance.record_id
    group by crosswalk.customer_key
),

deliveries as (
    select
        crosswalk.customer_key,
        max(comparable.batch_date) as last_updated,
        string_agg(distinct comparable.system, ',' order by comparable.system) as data_source
    from {{ source('identity', 'crosswalk') }} as crosswalk
    inner join {{ ref('int_people__comparable') }} as comparable on crosswalk.record_id = comparable.record_id
    group by crosswalk.customer_key
)

select
    deliveries.customer_key::bigint as customer_key,
    survivors.customer_id,
    survivors.first_name,
    survivors.last_name,
    survivors.email,
    survivors.phone,
    survivors.date_of_birth::date as date_of_birth,
    coalesce(extract(year from survivors.date_of_birth::date)::integer, survivors.birth_year::integer) as birth_year,
    survivors.gender,
    survivors.marital_status,
    survivors.education_level,
    survivors.occupation,
    survivors.income_bracket,
    survivors.join_date::date as join_date,
    md5(concat_ws(
        '|', coalesce(survivors.country, ''), coalesce(survivors.city, ''), coalesce(survivors.postcode, '')
    )) as location_key,
    survivors.address_line,
    deliveries.last_updated,
    deliveries.data_source,
    activity.is_active
from deliveries
inner join activity on deliveries.customer_key = activity.customer_key
left join survivors on deliveries.customer_key = survivors.customer_key
