with

transactions as (select * from {{ ref('int_transactions__unioned') }}),

rated as (
    select
        transactions.*,
        rates.eur_per_unit
    from transactions
    left join lateral (
        select exchange_rates.eur_per_unit
        from {{ ref('exchange_rates') }} as exchange_rates
        where
            exchange_rates.currency = transactions.currency
            and exchange_rates.valid_from_date <= (transactions.occurred_at at time zone 'UTC')::date
        order by exchange_rates.valid_from_date desc
        limit 1
    ) as rates on true
)

select
    md5(rated.system || '/' || rated.transaction_id) as transaction_key,
    crosswalk.customer_key,
    rated.system,
    rated.transaction_id,
    rated.account_id,
    rated.occurred_at,
    days.date_key,
    rated.transaction_type,
    rated.amount,
    rated.currency,
    round(rated.amount * rated.eur_per_unit, 2) as amount_eur,
    case when rated.product_id is not null then md5(rated.product_id) end as product_key,
    rated.channel,
    rated.batch_date
from rated
left join {{ source('identity', 'crosswalk') }} as crosswalk on rated.record_id = crosswalk.record_id
left join {{ ref('dim_time') }} as days on (rated.occurred_at at time zone 'UTC')::date = days.date_day
