{{ config(tags=['marts']) }}

with

as_of as (select max(batch_date) as as_of_date from {{ source('ops', 'build_files') }}),

spending as (
    select
        transactions.customer_key,
        sum(transactions.spend_eur) as spend_12_months_eur,
        sum(transactions.spend_eur) filter (where channels.touchpoint_group = 'online') as spend_online_12_months_eur,
        sum(transactions.spend_eur) filter (where channels.touchpoint_group = 'store') as spend_store_12_months_eur,
        sum(transactions.spend_eur) filter (
            where channels.touchpoint_group is null or channels.touchpoint_group not in ('online', 'store')
        ) as spend_other_12_months_eur,
        -- Shipping and discount of an order that came back are no lines of goods.
        count(*) filter (
            where transactions.is_return and not transactions.is_cancelled
            and transactions.transaction_type in ('purchase', 'refund')
        ) as returned_line_count,
        count(*) filter (where transactions.transaction_type = 'purchase' and not transactions.is_cancelled)
            as purchased_line_count,
        sum(
            case
                when transactions.transaction_type = 'refund' then transactions.amount_eur
                when not transactions.is_return or transactions.is_cancelled then 0
                when transactions.transaction_type in ('purchase', 'shipping') then transactions.amount_eur
                when transactions.transaction_type = 'discount' then -transactions.amount_eur
            end
        ) as refunds_12_months_eur
    from {{ ref('fact_transactions') }} as transactions
    cross join as_of
    left join {{ ref('dim_channel') }} as channels on transactions.channel_key = channels.channel_key
    where
        transactions.spend_eur is not null
        and {{ in_last_year(utc_day('transactions.occurred_at')) }}
    group by transactions.customer_key
),

spending_ever as (
    select customer_key, sum(spend_eur) as spend_eur
    from {{ ref('fact_transactions') }}
    group by customer_key
),

-- Of what is gone from the shop nothing counts, no return and no review either.
known_orders as (
    select * from {{ ref('fact_orders') }}
    where not is_deleted
),

orders as (
    select
        orders.customer_key,
        count(*) filter (where orders.is_bought) as order_count,
        count(*) filter (where orders.is_bought and {{ in_last_year(utc_day('orders.occurred_at')) }})
            as order_12_months_count,
        count(*) filter (where orders.order_type in ('return', 'exchange') or orders.status = 'returned')
            as return_count,
        round(avg(orders.amount_eur) filter (where orders.is_bought), 2) as average_order_eur,
        min(orders.occurred_at) filter (where orders.is_bought) as first_order_at,
        max(orders.occurred_at) filter (where orders.is_bought) as last_order_at,
        sum(orders.points_redeemed) as points_redeemed
    from known_orders as orders
    cross join as_of
    group by orders.customer_key
),

categories as (
    select distinct on (transactions.customer_key)
        transactions.customer_key, products.product_category as favourite_category
    from {{ ref('fact_transactions') }} as transactions
    inner join {{ ref('dim_product') }} as products on transactions.product_key = products.product_key
    where
        transactions.transaction_type in ('purchase', 'refund') and products.product_category is not null
    group by transactions.customer_key, products.product_category
    having sum(transactions.spend_eur) > 0
    order by
        transactions.customer_key asc, sum(transactions.spend_eur) desc, products.product_category asc
),

payments as (
    select distinct on (customer_key) customer_key, payment_method as favourite_payment_method
    from known_orders
    where payment_method is not null and is_bought
    group by customer_key, payment_method
    order by customer_key asc, count(*) desc, payment_method asc
),

stores as (
    select distinct on (orders.customer_key) orders.customer_key, stores.store_name as favourite_store
    from known_orders as orders
    inner join {{ ref('dim_store') }} as stores on orders.store_key = stores.store_key
    where orders.is_bought
    group by orders.customer_key, stores.store_name
    order by orders.customer_key asc, count(*) desc, stores.store_name asc
),

carts as (
    select
        customer_key, count(*) filter (where is_abandoned) as abandoned_cart_count,
        sum(amount_eur) filter (where is_abandoned) as abandoned_carts_eur
    from {{ ref('fact_carts') }}
    group by customer_key
),

reviews as (
    select customer_key, count(*) as review_count, round(avg(rating), 2) as average_rating
    from {{ ref('fact_reviews') }}
    where not is_deleted
    group by customer_key
),

-- Of several loyalty cards the points add up, and the card with a tier that was taken out last tells it, as does that
-- with a shop. Points that moved deliver an old card again: the newest delivery does not make it the newest card.
loyalty as (
    select
        cards.customer_key, sum(cards.points) as loyalty_points,
        (
            array_agg(
                cards.tier
                order by
                    (cards.status is not distinct from 'open') desc, cards.opened_date desc nulls last,
                    cards.batch_date desc, cards.account_id asc
            )
            filter (where cards.tier is not null)
        )[1] as loyalty_tier,
        (
            array_agg(
                shops.store_name
                order by
                    (cards.status is not distinct from 'open') desc, cards.opened_date desc nulls last,
                    cards.batch_date desc, cards.account_id asc
            )
            filter (where shops.store_name is not null)
        )[1] as home_store
    from {{ ref('dim_account') }} as cards
    left join {{ ref('dim_store') }} as shops on cards.home_store_key = shops.store_key
    where cards.account_type = 'loyalty'
    group by cards.customer_key
),

shop_accounts as (
    select customer_key, max(last_login_at) as last_login_at
    from {{ ref('dim_account') }}
    where account_type = 'shop'
    group by customer_key
)

select
    customers.customer_key,
    coalesce(spending_ever.spend_eur, 0) as spend_eur,
    coalesce(spending.spend_12_months_eur, 0) as spend_12_months_eur,
    coalesce(spending.spend_online_12_months_eur, 0) as spend_online_12_months_eur,
    coalesce(spending.spend_store_12_months_eur, 0) as spend_store_12_months_eur,
    coalesce(spending.spend_other_12_months_eur, 0) as spend_other_12_months_eur,
    coalesce(spending.refunds_12_months_eur, 0) as refunds_12_months_eur,
    coalesce(spending.purchased_line_count, 0) as purchased_line_count,
    coalesce(spending.returned_line_count, 0) as returned_line_count,
    coalesce(orders.order_count, 0) as order_count,
    coalesce(orders.order_12_months_count, 0) as order_12_months_count,
    coalesce(orders.return_count, 0) as return_count,
    orders.average_order_eur,
    orders.first_order_at,
    orders.last_order_at,
    payments.favourite_payment_method,
    categories.favourite_category,
    stores.favourite_store,
    loyalty.home_store,
    coalesce(carts.abandoned_cart_count, 0) as abandoned_cart_count,
    coalesce(carts.abandoned_carts_eur, 0) as abandoned_carts_eur,
    coalesce(reviews.review_count, 0) as review_count,
    reviews.average_rating,
    shop_accounts.last_login_at,
    loyalty.loyalty_points::bigint as loyalty_points,
    loyalty.loyalty_tier,
    coalesce(orders.points_redeemed, 0)::bigint as points_redeemed
from {{ ref('dim_customer') }} as customers
left join spending on customers.customer_key = spending.customer_key
left join spending_ever on customers.customer_key = spending_ever.customer_key
left join orders on customers.customer_key = orders.customer_key
left join categories on customers.customer_key = categories.customer_key
left join payments on customers.customer_key = payments.customer_key
left join stores on customers.customer_key = stores.customer_key
left join carts on customers.customer_key = carts.customer_key
left join reviews on customers.customer_key = reviews.customer_key
left join loyalty on customers.customer_key = loyalty.customer_key
left join shop_accounts on customers.customer_key = shop_accounts.customer_key
