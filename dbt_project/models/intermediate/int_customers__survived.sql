{{ config(tags=['marts']) }}

{% set attributes = [
    'customer_id', 'first_name', 'last_name', 'email', 'phone', 'date_of_birth', 'birth_year', 'gender',
    'marital_status', 'education_level', 'occupation', 'income_bracket', 'join_date', 'address_line', 'city',
    'postcode', 'country', 'lifestyle_segment', 'credit_score',
] %}

with

customers as (select distinct customer_key from {{ source('identity', 'crosswalk') }}),

survivors as (
    select
        {% for attribute in attributes %}
            max(value) filter (where attribute = '{{ attribute }}') as {{ attribute }},
        {% endfor %}
        customer_key
    from {{ ref('int_customers__attribute_candidates') }}
    where rank = 1
    group by customer_key
)

select
    customers.customer_key,
    {% for attribute in attributes %}
        survivors.{{ attribute }},
    {% endfor %}
    md5(concat_ws(
        '|', coalesce(survivors.country, ''), coalesce(survivors.city, ''), coalesce(survivors.postcode, '')
    )) as location_key
from customers
left join survivors on customers.customer_key = survivors.customer_key
