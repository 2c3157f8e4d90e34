with

leads as (
    select
        'marketing' as system, 'leads' as entity, source_key, record_id, created_at, recorded_at, lead_source,
        campaign_id_marketing, product_id, lead_score, status as lead_stage, status = 'converted' as is_converted,
        converted_at, null::text as preferred_channel, null::text as preferred_frequency,
        null::jsonb as preferred_topics, first_seen_date as known_since_date, batch_date, file_id, row_number
    from {{ ref('stg_marketing__leads') }}
    union all
    select
        'marketing' as system, 'contacts' as entity, source_key, record_id, created_at, recorded_at,
        null as lead_source,
        null as campaign_id_marketing, null as product_id, lead_score, lead_stage,
        lead_stage = 'customer' as is_converted, converted_at, preferred_channel, preferred_frequency,
        preferred_topics, first_seen_date as known_since_date, batch_date, file_id, row_number
    from {{ ref('stg_marketing__contacts') }}
)

select
    md5(leads.system || '/' || leads.entity || '/' || leads.source_key) as lead_key,
    crosswalk.customer_key,
    leads.system,
    leads.entity,
    leads.source_key as lead_id,
    leads.created_at as occurred_at,
    {{ date_key(utc_day('leads.created_at')) }} as date_key,
    leads.recorded_at as updated_at,
    leads.lead_source,
    words.channel_key,
    md5('marketing/' || leads.campaign_id_marketing) as campaign_key,
    md5(leads.product_id) as product_key,
    leads.lead_score,
    leads.lead_stage,
    coalesce(leads.is_converted or leads.converted_at is not null, false) as is_converted,
    leads.converted_at,
    leads.preferred_channel,
    leads.preferred_frequency,
    leads.preferred_topics,
    leads.known_since_date,
    leads.batch_date,
    leads.file_id,
    leads.row_number
from leads
left join {{ source('identity', 'crosswalk') }} as crosswalk on leads.record_id = crosswalk.record_id
{{ join_channels('leads', 'lead_source') }}
