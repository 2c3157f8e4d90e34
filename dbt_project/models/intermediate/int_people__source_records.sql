{{ config(tags=['stage']) }}

select record_id, 'crm' as system, 'customers' as entity, source_key from {{ ref('stg_crm__customers') }}
union all
select record_id, 'finance' as system, 'accounts' as entity, source_key from {{ ref('stg_finance__accounts') }}
union all
select record_id, 'demographics' as system, 'customers' as entity, source_key
from {{ ref('stg_demographics__customers') }}
union all
select record_id, 'service' as system, 'interactions' as entity, source_key
from {{ ref('stg_service__interactions') }}
union all
select record_id, 'usage' as system, 'product_usage' as entity, source_key from {{ ref('stg_usage__product_usage') }}
