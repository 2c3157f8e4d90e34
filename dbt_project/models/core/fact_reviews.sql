select
    md5('ecommerce/' || reviews.source_key) as review_key,
    crosswalk.customer_key,
    'ecommerce' as system,
    reviews.source_key as review_id,
    md5('ecommerce/' || reviews.account_id_ecommerce) as account_key,
    reviews.created_at as occurred_at,
    {{ date_key(utc_day('reviews.created_at')) }} as date_key,
    md5(reviews.product_id) as product_key,
    md5('ecommerce/' || reviews.order_id_ecommerce) as order_key,
    reviews.order_id_ecommerce is not null as is_verified_buyer,
    reviews.rating,
    case
        when reviews.rating >= 4 then 'positive'
        when reviews.rating = 3 then 'neutral'
        when reviews.rating < 3 then 'negative'
    end as sentiment,
    reviews.title as review_title,
    reviews.review_text,
    reviews.is_published,
    reviews.is_deleted,
    reviews.first_seen_date as known_since_date,
    reviews.batch_date,
    reviews.file_id,
    reviews.row_number
from {{ ref('stg_ecommerce__reviews') }} as reviews
left join {{ source('identity', 'crosswalk') }} as crosswalk on reviews.record_id = crosswalk.record_id
