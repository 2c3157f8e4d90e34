with

-- A guest's cart belongs to the order that it became, one that was filled before the log-in to whom the browser did.
carts as (
    select
        carts.*,
        coalesce(carts.record_id, orders.record_id, owners.record_id) as owner_record_id,
        case
            when carts.record_id is not null then 'account_id'
            when orders.record_id is not null then 'order_id'
            when owners.record_id is not null then 'anonymous_id'
            else 'none'
        end as stitched_by
    from {{ ref('stg_ecommerce__carts') }} as carts
    left join {{ ref('stg_ecommerce__orders') }} as orders on carts.order_id_ecommerce = orders.order_id_ecommerce
    left join {{ ref('int_web__browser_owners') }} as owners
        on
            carts.record_id is null
            and carts.anonymous_id_web = owners.anonymous_id_web
            and carts.created_at >= owners.valid_from_at
            and carts.created_at < owners.valid_to_at
)

select
    md5('ecommerce/' || carts.cart_id_ecommerce) as cart_key,
    crosswalk.customer_key,
    'ecommerce' as system,
    carts.cart_id_ecommerce as cart_id,
    md5('ecommerce/' || carts.account_id_ecommerce) as account_key,
    carts.anonymous_id_web,
    carts.stitched_by,
    carts.created_at as occurred_at,
    {{ date_key(utc_day('carts.created_at')) }} as date_key,
    carts.abandoned_at,
    case
        when carts.order_id_ecommerce is not null then 'ordered'
        when carts.abandoned_at is not null then 'abandoned'
        when carts.is_deleted then 'emptied'
        else 'open'
    end as cart_status,
    carts.order_id_ecommerce is null and carts.abandoned_at is not null as is_abandoned,
    md5('ecommerce/' || carts.order_id_ecommerce) as order_key,
    carts.items_count,
    carts.product_ids,
    carts.items_value as amount,
    carts.currency,
    round(carts.items_value * rates.eur_per_unit, 2) as amount_eur,
    carts.is_deleted,
    carts.first_seen_date as known_since_date,
    carts.batch_date,
    carts.file_id,
    carts.row_number
from carts
left join {{ source('identity', 'crosswalk') }} as crosswalk on carts.owner_record_id = crosswalk.record_id
{{ join_rates('carts', utc_day('carts.created_at')) }}
