{{ config(tags=['stage']) }}

select record_id, system, entity, source_key
from {{ ref('int_people__comparable') }}
where system <> 'service' and not links_by_id_only
union all
select record_id, 'service' as system, 'interactions' as entity, source_key
from {{ ref('stg_service__interactions') }}
