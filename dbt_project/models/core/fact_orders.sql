with

orders as (
    select
        'ecommerce' as system, source_key, record_id, card_token, account_id_ecommerce as account_id,
        null::text as store_id, null::text as till, null::text as employee, placed_at as occurred_at,
        'order' as order_type, status, is_guest_order,
        {{ stated_location_key('address_line', 'city', 'postcode', 'country') }} as shipping_location_key,
        payment_method, amount_goods, amount_discount, amount_shipping, amount, currency, campaign,
        'online shop' as channel, cart_id_ecommerce as cart_id,
        null::text as original_order_id, null::text as return_reason, null::bigint as points_earned,
        null::bigint as points_redeemed, is_deleted, first_seen_date as known_since_date, batch_date, file_id,
        row_number
    from {{ ref('stg_ecommerce__orders') }}
    union all
    select
        'pos' as system, source_key, record_id, card_token, loyalty_number_pos as account_id, store_id_pos as store_id,
        till, employee, recorded_at as occurred_at, transaction_type as order_type, null as status,
        loyalty_number_pos is null as is_guest_order, null as shipping_location_key, payment_method,
        null as amount_goods, null as amount_discount, null as amount_shipping, amount, currency, null as campaign,
        'till' as channel, null as cart_id,
        original_transaction_id_pos as original_order_id, return_reason, points_earned, points_redeemed,
        false as is_deleted, first_seen_date as known_since_date, batch_date, file_id, row_number
    from {{ ref('stg_pos__transactions') }}
)

select
    md5(orders.system || '/' || orders.source_key) as order_key,
    coalesce(crosswalk.customer_key, holders.customer_key) as customer_key,
    orders.system,
    orders.source_key as order_id,
    md5(orders.system || '/' || orders.account_id) as account_key,
    md5('pos/' || orders.store_id) as store_key,
    orders.till,
    orders.employee,
    orders.occurred_at,
    {{ date_key(utc_day('orders.occurred_at')) }} as date_key,
    orders.order_type,
    orders.status,
    coalesce(orders.order_type in ('order', 'sale', 'exchange'), false)
    and coalesce(orders.status <> 'cancelled', true) and not orders.is_deleted as is_bought,
    orders.is_guest_order,
    orders.shipping_location_key,
    orders.payment_method,
    orders.amount_goods,
    orders.amount_discount,
    orders.amount_shipping,
    orders.amount,
    orders.currency,
    round(orders.amount * rates.eur_per_unit, 2) as amount_eur,
    orders.channel,
    words.channel_key,
    labelled.campaign_key,
    md5(orders.system || '/' || orders.cart_id) as cart_key,
    md5(orders.system || '/' || orders.original_order_id) as original_order_key,
    orders.return_reason,
    orders.points_earned,
    orders.points_redeemed,
    orders.is_deleted,
    orders.known_since_date,
    orders.batch_date,
    orders.file_id,
    orders.row_number
from orders
left join {{ source('identity', 'crosswalk') }} as crosswalk on orders.record_id = crosswalk.record_id
left join {{ ref('int_people__card_holders') }} as holders on orders.card_token = holders.card_token
left join {{ ref('int_campaigns__labelled') }} as labelled on lower(orders.campaign) = labelled.label
{{ join_rates('orders', utc_day('orders.occurred_at')) }}
{{ join_channels('orders') }}
