{{ config(tags=['stage']) }}

with

facts as (
    select record_id from {{ ref('stg_finance__transactions') }}
    union all
    select record_id from {{ ref('stg_service__interactions') }}
    union all
    select record_id from {{ ref('stg_usage__product_usage') }}
)

select
    record_id,
    count(*) as fact_count
from facts
group by record_id
