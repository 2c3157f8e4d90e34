{{ config(tags=['stage']) }}

with

facts as (
    select record_id from {{ ref('stg_finance__transactions') }}
    union all
    select record_id from {{ ref('stg_service__interactions') }}
    union all
    select record_id from {{ ref('stg_usage__product_usage') }}
    union all
    select record_id from {{ ref('stg_ecommerce__orders') }}
    union all
    select record_id from {{ ref('stg_ecommerce__reviews') }}
    union all
    select record_id from {{ ref('stg_pos__transactions') }}
    union all
    select record_id from {{ ref('stg_marketing__email_events') }}
    {% for entity in ['tickets', 'chats', 'calls', 'surveys', 'complaints'] %}
        union all
        select record_id from {{ ref('stg_support__' ~ entity) }}
    {% endfor %}
)

select
    record_id,
    count(*) as fact_count
from facts
where record_id is not null
group by record_id
