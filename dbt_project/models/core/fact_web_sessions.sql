{#- Whose a visit is and whence it came is what the first event with a word on it says. -#}
{%- set first = ['customer_key', 'anonymous_id_web', 'channel_key', 'campaign_key', 'referrer'] -%}
-- The site numbers a visit once, so a browser that forgets its own id on the way is in the same visit.
with

sessions as (
    select
        session_id_web,
        {% for column in first %}
            (
                array_agg({{ column }} order by occurred_at, event_id) filter (where {{ column }} is not null)
            )[1] as {{ column }},
        {% endfor %}
        min(occurred_at) as occurred_at,
        max(occurred_at) as ended_at,
        count(*) as event_count,
        count(*) filter (where event_type = 'page_view') as page_view_count,
        count(*) filter (where event_type = 'click') as click_count,
        count(*) filter (where event_type = 'search') as search_count,
        count(*) filter (where event_type = 'promotion_view') as promotion_view_count,
        count(*) filter (where event_type = 'content_view') as content_view_count,
        coalesce(sum(duration_s) filter (where event_type = 'content_view'), 0)::bigint as content_duration_s,
        count(*) filter (where event_type = 'add_to_cart') as cart_add_count,
        coalesce(sum(amount_eur) filter (where event_type = 'add_to_cart'), 0) as cart_added_eur,
        max(occurred_at) filter (where event_type = 'add_to_cart') as last_cart_add_at,
        bool_or(event_type = 'login') as has_login,
        min(known_since_date) as known_since_date,
        max(batch_date) as batch_date
    from {{ ref('fact_web_events') }}
    group by session_id_web
),

orders as (
    select order_key, customer_key, occurred_at
    from {{ ref('fact_orders') }}
    where system = 'ecommerce' and is_bought
),

-- What the shop says of the cart of a browser: it tells of guests, too.
carts as (
    select carts.anonymous_id_web, carts.occurred_at as seen_at, null::timestamptz as ordered_at
    from {{ ref('fact_carts') }} as carts
    where carts.anonymous_id_web is not null
    union all
    select carts.anonymous_id_web, orders.occurred_at as seen_at, orders.occurred_at as ordered_at
    from {{ ref('fact_carts') }} as carts
    inner join orders on carts.order_key = orders.order_key
    where carts.anonymous_id_web is not null
),

-- Only visits that filled a cart are asked for an order, so this joins few rows.
told as (
    select sessions.session_id_web, orders.occurred_at as ordered_at
    from sessions
    inner join orders
        on
            sessions.customer_key = orders.customer_key
            and sessions.occurred_at <= orders.occurred_at
            and sessions.ended_at + interval '1 day' > orders.occurred_at
    where sessions.cart_add_count > 0
    union all
    select sessions.session_id_web, carts.ordered_at
    from sessions
    inner join carts
        on
            sessions.anonymous_id_web = carts.anonymous_id_web
            and sessions.occurred_at <= carts.seen_at
            and sessions.ended_at + interval '1 day' > carts.seen_at
    where sessions.cart_add_count > 0
),

bought as (
    select session_id_web, min(ordered_at) as ordered_at
    from told
    group by session_id_web
)

select
    md5('web/' || sessions.session_id_web) as web_session_key,
    sessions.customer_key,
    'web' as system,
    sessions.session_id_web,
    sessions.anonymous_id_web,
    sessions.occurred_at,
    sessions.ended_at,
    {{ date_key(utc_day('sessions.occurred_at')) }} as date_key,
    sessions.channel_key,
    sessions.campaign_key,
    sessions.referrer,
    sessions.event_count,
    sessions.page_view_count,
    sessions.click_count,
    sessions.search_count,
    sessions.promotion_view_count,
    sessions.content_view_count,
    sessions.content_duration_s,
    sessions.cart_add_count,
    sessions.cart_added_eur,
    sessions.has_login,
    bought.ordered_at,
    case
        when sessions.cart_add_count = 0 or bought.ordered_at is not null then false
        when sessions.customer_key is not null or bought.session_id_web is not null then true
    end as is_cart_abandoned,
    sessions.known_since_date,
    sessions.batch_date
from sessions
left join bought on sessions.session_id_web = bought.session_id_web
