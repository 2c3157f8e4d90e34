{{ config(tags=['marts']) }}

with

as_of as (select max(batch_date) as as_of_date from {{ source('ops', 'build_files') }}),

stated as (
    select
        record_id,
        case status when 'active' then true when 'closed' then false end as is_active,
        null::date as active_date
    from {{ ref('stg_crm__customers') }}
    union all
    select
        record_id,
        case when status = 'open' then true when status in ('closed', 'frozen') then false end as is_active,
        null as active_date
    from {{ ref('stg_finance__accounts') }}
    union all
    select record_id, is_in_latest_snapshot as is_active, last_used_date as active_date
    from {{ ref('stg_usage__product_usage') }}
),

events as (
    select record_id, (occurred_at at time zone 'UTC')::date as active_date
    from {{ ref('int_transactions__unioned') }}
    where record_id is not null
    union all
    select record_id, (recorded_at at time zone 'UTC')::date as active_date
    from {{ ref('stg_service__interactions') }}
),

unioned as (
    select record_id, is_active, active_date from stated
    union all
    select record_id, null as is_active, active_date from events
)

-- A day after the newest delivery is a mistake and says nothing.
select
    record_id,
    bool_or(is_active) as is_active,
    max(active_date) filter (where active_date <= (select as_of.as_of_date from as_of)) as last_active_date
from unioned
group by record_id
