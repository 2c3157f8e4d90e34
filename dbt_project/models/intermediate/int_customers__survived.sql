{{ config(tags=['marts']) }}

{% set attributes = golden_attributes() %}

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
    {{ location_key(
        'survivors.country', 'survivors.city', 'survivors.postcode', 'survivors.address_line'
    ) }} as location_key
from customers
left join survivors on customers.customer_key = survivors.customer_key
