with

performance as (
    select 'marketing' as system, ads.* from {{ ref('stg_marketing__ad_performance') }} as ads
)

select
    md5('marketing/' || performance.source_key) as ad_performance_key,
    performance.system,
    performance.platform,
    words.channel_key,
    md5('marketing/' || performance.campaign_id_marketing) as campaign_key,
    performance.performance_date,
    {{ start_of_day('performance.performance_date') }} as occurred_at,
    {{ date_key('performance.performance_date') }} as date_key,
    performance.impressions,
    performance.clicks,
    performance.conversions,
    performance.cost as amount,
    performance.currency,
    round(performance.cost * rates.eur_per_unit, 2) as amount_eur,
    performance.first_seen_date as known_since_date,
    performance.batch_date,
    performance.file_id,
    performance.row_number
from performance
{{ join_rates('performance', 'performance.performance_date') }}
{{ join_channels('performance', 'platform') }}
