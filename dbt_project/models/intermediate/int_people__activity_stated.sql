{{ config(tags=['marts']) }}

with

as_of as (select max(batch_date) as as_of_date from {{ source('ops', 'build_files') }}),

-- Only the crm says that somebody is no customer any more: an account or a subscription that has ended is one of
-- several that a person may have. Who has a loyalty card or an account of the shop has not promised anything.
stated as (
    select
        record_id,
        case status when 'active' then true when 'closed' then false end as is_active,
        null::date as active_date
    from {{ ref('stg_crm__customers') }}
    union all
    select record_id, true as is_active, null as active_date
    from {{ ref('int_accounts__unioned') }}
    where
        system in ('bank', 'finance', 'wealth') and is_delivered and status in ('open', 'dormant')
        and record_id is not null
    union all
    select record_id, nullif(is_in_latest_snapshot, false) as is_active, last_used_date as active_date
    from {{ ref('stg_usage__product_usage') }}
),

events as (
    select record_id, (occurred_at at time zone 'UTC')::date as active_date
    from {{ ref('int_transactions__unioned') }}
    where record_id is not null and is_in_latest_snapshot
    union all
    select record_id, (occurred_at at time zone 'UTC')::date as active_date
    from {{ ref('int_interactions__unioned') }}
    where record_id is not null and interaction_type is distinct from 'note'
    union all
    select 'web/users/' || user_id_web as record_id, (valid_from_at at time zone 'UTC')::date as active_date
    from {{ ref('int_web__visit_users') }}
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
