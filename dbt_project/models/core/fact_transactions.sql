with

transactions as (select * from {{ ref('int_transactions__unioned') }})

select
    md5(transactions.system || '/' || transactions.transaction_id) as transaction_key,
    coalesce(crosswalk.customer_key, holders.customer_key) as customer_key,
    case
        when crosswalk.customer_key is not null then 'record'
        when holders.customer_key is not null then 'card'
    end as customer_found_by,
    transactions.system,
    transactions.entity,
    transactions.transaction_id,
    transactions.order_id,
    transactions.line_number,
    transactions.account_id,
    md5(transactions.system || '/' || transactions.account_id) as account_key,
    md5('pos/' || transactions.store_id) as store_key,
    transactions.occurred_at,
    {{ date_key(utc_day('transactions.occurred_at')) }} as date_key,
    transactions.transaction_type,
    transactions.quantity,
    transactions.amount,
    transactions.currency,
    round(transactions.amount * rates.eur_per_unit, 2) as amount_eur,
    round(transactions.spend_sign * transactions.amount * rates.eur_per_unit, 2) as spend_eur,
    md5(transactions.product_id) as product_key,
    transactions.channel,
    words.channel_key,
    transactions.payment_method,
    labelled.campaign_key,
    transactions.description,
    transactions.is_return,
    transactions.is_cancelled,
    md5(transactions.system || '/' || transactions.returned_transaction_id) as returned_transaction_key,
    transactions.is_in_latest_snapshot,
    transactions.known_since_date,
    transactions.batch_date,
    transactions.file_id,
    transactions.row_number
from transactions
left join {{ source('identity', 'crosswalk') }} as crosswalk on transactions.record_id = crosswalk.record_id
left join {{ ref('int_people__card_holders') }} as holders on transactions.card_token = holders.card_token
left join {{ ref('int_campaigns__labelled') }} as labelled on lower(transactions.campaign) = labelled.label
{{ join_rates('transactions', utc_day('transactions.occurred_at')) }}
{{ join_channels('transactions') }}
