with

holders as (
    select
        account_key,
        count(*) filter (where role <> 'disponent') as owner_count,
        count(*) filter (where role = 'disponent') as disponent_count,
        count(distinct customer_key) as customer_count
    from {{ ref('bridge_account_customers') }}
    where is_in_latest_snapshot or system <> 'bank'
    group by account_key
)

select
    accounts.account_key,
    crosswalk.customer_key,
    accounts.system,
    accounts.account_id,
    accounts.account_type,
    accounts.product,
    md5(accounts.product_id) as product_key,
    accounts.currency,
    accounts.opened_date,
    accounts.closed_date,
    accounts.status,
    districts.district_key,
    accounts.statement_frequency,
    accounts.lender,
    accounts.payment_methods,
    accounts.iban_token,
    accounts.card_token,
    accounts.credit_limit,
    accounts.credit_score,
    accounts.points,
    accounts.tier,
    md5('pos/' || accounts.home_store_id) as home_store_key,
    accounts.last_login_at,
    accounts.shipping_location_key,
    coalesce(holders.owner_count, 0)::integer as owner_count,
    coalesce(holders.disponent_count, 0)::integer as disponent_count,
    coalesce(holders.customer_count, 0)::integer as customer_count,
    accounts.first_seen_date,
    accounts.is_delivered,
    accounts.batch_date,
    accounts.file_id,
    accounts.row_number
from {{ ref('int_accounts__unioned') }} as accounts
left join {{ source('identity', 'crosswalk') }} as crosswalk on accounts.record_id = crosswalk.record_id
left join {{ ref('dim_district') }} as districts on accounts.district_id_bank = districts.district_id_bank
left join holders on accounts.account_key = holders.account_key
