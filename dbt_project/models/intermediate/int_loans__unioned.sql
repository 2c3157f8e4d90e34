{{ config(tags=['marts']) }}

with

holding_days as (
    select
        *,
        row_number() over (partition by holding_id_wealth order by batch_date desc) as place,
        min(known_since_date) over (partition by holding_id_wealth) as loan_known_since_date
    from {{ ref('int_holdings__unioned') }}
    where holding_family = 'loan'
),

bank_loans as (
    select
        *,
        {{ is_in_latest_snapshot('bank', 'loans') }} as is_in_latest_snapshot
    from {{ ref('stg_bank__loans') }}
)

select
    'bank' as system, loan_id_bank as loan_id, md5('bank/' || account_id_bank) as account_key,
    'unspecified' as loan_kind, 'bank/loans/loan' as product_id, granted_date, amount, 'CZK' as currency,
    duration_months, monthly_payment, null::numeric as interest_rate_pct,
    (granted_date + duration_months * interval '1 month')::date as planned_end_date, status,
    case status
        when 'A' then 'ended, paid'
        when 'B' then 'ended, not paid'
        when 'C' then 'running, paid so far'
        when 'D' then 'running, in debt'
    end as status_meaning,
    status in ('C', 'D') and is_in_latest_snapshot as is_running,
    status in ('B', 'D') as is_in_default,
    null::numeric as outstanding_stated, null::text as property_kind, null::text as location_area,
    null::numeric as asset_value, null::bigint as number_of_assets, null::numeric as car_price,
    null::text as car_segment, null::date as last_action_date, is_in_latest_snapshot,
    first_seen_date as known_since_date, batch_date, file_id, row_number
from bank_loans

union all

select
    'wealth' as system, holding_id_wealth as loan_id, md5('wealth/' || holding_id_wealth) as account_key,
    product as loan_kind, product_id, opened_date as granted_date, principal as amount, currency,
    null as duration_months, instalment as monthly_payment, interest_rate_pct, null as planned_end_date, status,
    case status
        when 'open' then 'running'
        when 'dormant' then 'running, without action'
        when 'closed' then 'ended'
    end as status_meaning,
    is_in_latest_snapshot and coalesce(status <> 'closed', true) as is_running, null as is_in_default,
    amount as outstanding_stated,
    property_kind, location_area, asset_value, number_of_assets, car_price, car_segment, last_action_date,
    is_in_latest_snapshot, loan_known_since_date as known_since_date, batch_date, file_id, row_number
from holding_days
where place = 1
