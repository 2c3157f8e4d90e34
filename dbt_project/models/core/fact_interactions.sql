select
    md5('service/' || interactions.source_key) as interaction_key,
    crosswalk.customer_key,
    'service'::text as system,
    interactions.source_key as interaction_id,
    interactions.recorded_at as occurred_at,
    days.date_key,
    interactions.interaction_type,
    interactions.channel,
    interactions.duration_s,
    interactions.resolution,
    interactions.batch_date
from {{ ref('stg_service__interactions') }} as interactions
left join {{ source('identity', 'crosswalk') }} as crosswalk on interactions.record_id = crosswalk.record_id
left join {{ ref('dim_time') }} as days on (interactions.recorded_at at time zone 'UTC')::date = days.date_day
