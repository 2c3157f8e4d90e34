select
    md5('usage/' || product_usage.source_key) as product_usage_key,
    crosswalk.customer_key,
    'usage'::text as system,
    product_usage.source_key as subscription_id,
    md5(product_usage.product_id) as product_key,
    product_usage.usage_frequency,
    product_usage.last_used_date,
    {{ start_of_day('product_usage.last_used_date') }} as occurred_at,
    {{ date_key('product_usage.last_used_date') }} as date_key,
    product_usage.recorded_at,
    product_usage.is_in_latest_snapshot,
    product_usage.first_seen_date as known_since_date,
    product_usage.batch_date,
    product_usage.file_id,
    product_usage.row_number
from {{ ref('stg_usage__product_usage') }} as product_usage
left join {{ source('identity', 'crosswalk') }} as crosswalk on product_usage.record_id = crosswalk.record_id
