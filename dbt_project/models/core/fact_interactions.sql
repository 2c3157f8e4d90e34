with

interactions as (select * from {{ ref('int_interactions__unioned') }})

select
    md5(interactions.system || '/' || interactions.entity || '/' || interactions.source_key) as interaction_key,
    crosswalk.customer_key,
    interactions.system,
    interactions.entity,
    interactions.source_key as interaction_id,
    interactions.occurred_at,
    {{ date_key(utc_day('interactions.occurred_at')) }} as date_key,
    interactions.interaction_type,
    interactions.channel,
    words.channel_key,
    interactions.direction,
    interactions.category,
    interactions.topic,
    interactions.priority,
    interactions.status,
    interactions.resolution,
    interactions.first_response_at,
    interactions.resolved_at,
    interactions.agent,
    interactions.duration_s,
    interactions.wait_s,
    interactions.page,
    interactions.sentiment,
    interactions.satisfaction_score,
    interactions.satisfaction_pct,
    'complaint' in (
        interactions.interaction_type, coalesce(interactions.category, '-'), coalesce(interactions.topic, '-')
    ) as is_complaint,
    md5('support/tickets/' || interactions.ticket_id) as ticket_interaction_key,
    md5('pos/' || interactions.order_id) as order_key,
    md5(interactions.product_id) as product_key,
    md5('pos/' || interactions.store_id) as store_key,
    interactions.branch,
    md5('marketing/' || interactions.campaign_id) as campaign_key,
    interactions.amount,
    interactions.currency,
    round(interactions.amount * rates.eur_per_unit, 2) as amount_eur,
    interactions.interaction_text,
    interactions.known_since_date,
    interactions.batch_date,
    interactions.file_id,
    interactions.row_number
from interactions
left join {{ source('identity', 'crosswalk') }} as crosswalk on interactions.record_id = crosswalk.record_id
{{ join_rates('interactions', utc_day('interactions.occurred_at')) }}
{{ join_channels('interactions') }}
