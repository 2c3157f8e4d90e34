select
    md5('web/' || events.source_key) as web_event_key,
    crosswalk.customer_key,
    'web' as system,
    events.source_key as event_id,
    events.event_type,
    events.recorded_at as occurred_at,
    {{ date_key(utc_day('events.recorded_at')) }} as date_key,
    events.session_id_web,
    events.anonymous_id_web,
    events.device_id_web,
    events.device_type,
    stitched.user_id_web,
    stitched.stitched_by,
    words.channel_key,
    labelled.campaign_key,
    events.campaign_source,
    events.campaign_medium,
    events.referrer,
    events.url,
    events.element,
    events.search_term,
    events.results_count,
    events.promotion_id,
    events.content_id,
    events.duration_s,
    md5(events.product_id) as product_key,
    events.quantity,
    events.quantity * events.unit_price as amount,
    events.currency,
    round(events.quantity * events.unit_price * rates.eur_per_unit, 2) as amount_eur,
    events.first_seen_date as known_since_date,
    events.batch_date,
    events.file_id,
    events.row_number
from (select 'web' as system, web.* from {{ ref('stg_web__events') }} as web) as events
inner join {{ ref('int_web__stitched_events') }} as stitched on events.source_key = stitched.event_id
left join {{ source('identity', 'crosswalk') }} as crosswalk on stitched.record_id = crosswalk.record_id
left join {{ ref('int_campaigns__labelled') }} as labelled on lower(events.campaign) = labelled.label
{{ join_rates('events', utc_day('events.recorded_at')) }}
{{ join_channels('events', 'device_type') }}
