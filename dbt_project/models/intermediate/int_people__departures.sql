{{ config(tags=['marts']) }}

{#- Full lists of people, in which who is missing has left: [system, entity, relation]. -#}
{% set lists = [
    ['hr', 'employees', ref('stg_hr__employees')],
    ['wealth', 'clients', ref('stg_wealth__clients')],
] -%}

select
    record_id,
    'ecommerce' as system,
    deleted_date as gone_date
from {{ ref('stg_ecommerce__accounts') }}
where is_deleted
{% for system, entity, relation in lists %}
    union all
    select
        people.record_id,
        '{{ system }}' as system,
        min(files.batch_date) as gone_date
    from {{ relation }} as people
    inner join {{ source('ops', 'build_files') }} as files
        on files.system = '{{ system }}' and files.entity = '{{ entity }}' and people.last_seen_date < files.batch_date
    where not people.is_in_latest_snapshot
    group by people.record_id
{% endfor %}
