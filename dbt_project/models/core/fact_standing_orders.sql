with

orders as (
    select
        *,
        'CZK' as currency,
        {{ is_in_latest_snapshot('bank', 'orders') }} as is_in_latest_snapshot
    from {{ ref('stg_bank__orders') }}
)

select
    md5('bank/' || orders.order_id_bank) as standing_order_key,
    accounts.account_key,
    accounts.customer_key,
    'bank'::text as system,
    orders.order_id_bank,
    {{ start_of_day('orders.first_seen_date') }} as occurred_at,
    {{ date_key('orders.first_seen_date') }} as date_key,
    orders.amount,
    orders.currency,
    round(orders.amount * rates.eur_per_unit, 2) as amount_eur,
    {{ bank_purpose('orders.purpose') }} as purpose,
    orders.partner_bank,
    orders.partner_account_token,
    orders.is_in_latest_snapshot,
    orders.first_seen_date as known_since_date,
    orders.batch_date,
    orders.file_id,
    orders.row_number
from orders
left join {{ ref('dim_account') }} as accounts
    on accounts.system = 'bank' and orders.account_id_bank = accounts.account_id
{{ join_rates('orders', 'orders.batch_date') }}
