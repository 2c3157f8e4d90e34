{#- Where marketing names a campaign: it may do so before it delivers it. -#}
{%- set mentions = ['email_events', 'social_interactions', 'leads', 'ad_performance'] -%}
with

campaigns as (select 'marketing' as system, marketing.* from {{ ref('stg_marketing__campaigns') }} as marketing),

mentioned as (
    {% for entity in mentions %}
        {{ 'union' if not loop.first }}
        select campaign_id_marketing from {{ ref('stg_marketing__' ~ entity) }}
    {% endfor %}
)

select
    md5('marketing/' || campaigns.campaign_id_marketing) as campaign_key,
    'marketing' as system,
    campaigns.campaign_id_marketing,
    campaigns.campaign_name,
    campaigns.channel,
    words.channel_key,
    md5(campaigns.product_id) as product_key,
    campaigns.brand,
    campaigns.start_date,
    campaigns.end_date,
    campaigns.budget,
    campaigns.currency,
    round(campaigns.budget * rates.eur_per_unit, 2) as budget_eur,
    true as is_delivered,
    campaigns.batch_date
from campaigns
{{ join_rates('campaigns', 'campaigns.start_date') }}
{{ join_channels('campaigns') }}
union all
select
    md5('marketing/' || mentioned.campaign_id_marketing) as campaign_key,
    'marketing' as system,
    mentioned.campaign_id_marketing,
    null as campaign_name,
    null as channel,
    null as channel_key,
    null as product_key,
    null as brand,
    null as start_date,
    null as end_date,
    null as budget,
    null as currency,
    null as budget_eur,
    false as is_delivered,
    null as batch_date
from mentioned
left join campaigns on mentioned.campaign_id_marketing = campaigns.campaign_id_marketing
where mentioned.campaign_id_marketing is not null and campaigns.campaign_id_marketing is null
union all
select
    labelled.campaign_key,
    'label' as system,
    null as campaign_id_marketing,
    labelled.label as campaign_name,
    null as channel,
    null as channel_key,
    null as product_key,
    null as brand,
    null as start_date,
    null as end_date,
    null as budget,
    null as currency,
    null as budget_eur,
    false as is_delivered,
    null as batch_date
from {{ ref('int_campaigns__labelled') }} as labelled
where labelled.campaign_id_marketing is null
