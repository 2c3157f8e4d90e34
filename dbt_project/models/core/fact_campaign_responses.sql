with

-- Marketing names the contact for most accounts of social networks; for the others the account itself names it.
handles as (
    select lower(network) as network, social_handle, record_id
    from {{ ref('stg_marketing__social_handles') }}
),

responses as (
    select
        'marketing' as system, 'email_events' as entity, source_key, record_id, campaign_id_marketing,
        message_id_marketing as message_id, recorded_at, event_type as response_type, 'email' as channel, link,
        bounce_type, first_seen_date as known_since_date, batch_date, file_id, row_number
    from {{ ref('stg_marketing__email_events') }}
    union all
    select
        'marketing' as system, 'social_interactions' as entity, social.source_key,
        coalesce(social.record_id, handles.record_id) as record_id, social.campaign_id_marketing,
        social.post_id as message_id, social.recorded_at, social.interaction_type as response_type,
        social.network as channel, null as link, null as bounce_type,
        social.first_seen_date as known_since_date, social.batch_date, social.file_id, social.row_number
    from {{ ref('stg_marketing__social_interactions') }} as social
    left join handles on social.network = handles.network and social.social_handle = handles.social_handle
    where social.campaign_id_marketing is not null
)

select
    md5(responses.system || '/' || responses.entity || '/' || responses.source_key) as campaign_response_key,
    crosswalk.customer_key,
    responses.system,
    responses.entity,
    responses.source_key as response_id,
    md5('marketing/' || responses.campaign_id_marketing) as campaign_key,
    responses.message_id,
    responses.recorded_at as occurred_at,
    {{ date_key(utc_day('responses.recorded_at')) }} as date_key,
    responses.response_type,
    responses.response_type in ('open', 'click', 'like', 'comment', 'share', 'mention', 'follow', 'message')
        as is_engagement,
    responses.channel,
    words.channel_key,
    responses.link,
    responses.bounce_type,
    responses.known_since_date,
    responses.batch_date,
    responses.file_id,
    responses.row_number
from responses
left join {{ source('identity', 'crosswalk') }} as crosswalk on responses.record_id = crosswalk.record_id
{{ join_channels('responses') }}
