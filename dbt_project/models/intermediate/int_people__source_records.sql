{{ config(tags=['stage']) }}

select record_id, system, entity, source_key
from {{ ref('int_people__comparable') }}
where entity not in ('contacts', 'guests', 'cards')
union all
select record_id, system, entity, source_key
from {{ ref('int_people__comparable') }}
where system = 'marketing' and entity = 'contacts'
union all
select record_id, 'service' as system, 'interactions' as entity, source_key
from {{ ref('stg_service__interactions') }}
union all
select record_id, 'ecommerce' as system, 'orders' as entity, source_key
from {{ ref('stg_ecommerce__orders') }}
where is_guest_order
{% for entity in ['tickets', 'chats', 'calls', 'surveys', 'complaints'] %}
    union all
    select record_id, 'support' as system, '{{ entity }}' as entity, source_key
    from {{ ref('stg_support__' ~ entity) }}
    where record_id is not null
{% endfor %}
