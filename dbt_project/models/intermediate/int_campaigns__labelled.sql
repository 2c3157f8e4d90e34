{{ config(tags=['marts']) }}

-- The web site and the shop know a campaign by a label: marketing's, where that has one campaign of this id or name.
with

labels as (
    select lower(campaign) as label from {{ ref('stg_web__events') }}
    where campaign is not null
    union
    select lower(campaign) as label from {{ ref('stg_ecommerce__orders') }}
    where campaign is not null
),

named as (
    select
        labels.label,
        min(campaigns.campaign_id_marketing) as campaign_id_marketing
    from labels
    inner join {{ ref('stg_marketing__campaigns') }} as campaigns
        on labels.label in (lower(campaigns.campaign_id_marketing), lower(campaigns.campaign_name))
    group by labels.label
    having count(*) = 1
)

select
    labels.label,
    named.campaign_id_marketing,
    coalesce(md5('marketing/' || named.campaign_id_marketing), md5('label/' || labels.label)) as campaign_key
from labels
left join named on labels.label = named.label
