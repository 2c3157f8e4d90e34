{#- A conversion belongs to the last campaign that the customer met within so many days before it. -#}
{% set attribution_days = var('attribution_days') -%}

with

ordered as (
    select
        touchpoints.*,
        row_number() over touched as touchpoint_number,
        count(*) over (partition by touchpoints.customer_key) as touchpoint_count,
        count(*) filter (where touchpoints.is_conversion) over touched as conversions_so_far,
        count(touchpoints.campaign_key) over touched as campaigns_so_far,
        lag(touchpoints.occurred_at) over touched as previous_at,
        lag(touchpoints.touchpoint_type) over touched as previous_touchpoint_type,
        lead(touchpoints.touchpoint_type) over touched as next_touchpoint_type,
        lead(touchpoints.occurred_at) over touched as next_at
    from {{ ref('int_journeys__touchpoints') }} as touchpoints
    window touched as (
        partition by touchpoints.customer_key order by touchpoints.occurred_at, touchpoints.touchpoint_id
    )
),

-- From a touchpoint with a campaign to the next one, the former is the last campaign; up to a conversion it is one
-- path.
carried as (
    select
        ordered.*,
        first_value(ordered.campaign_key) over campaign as last_campaign_key,
        first_value(ordered.occurred_at) over campaign as last_campaign_at,
        ordered.conversions_so_far - ordered.is_conversion::integer + 1 as path_number
    from ordered
    window campaign as (
        partition by ordered.customer_key, ordered.campaigns_so_far order by ordered.occurred_at, ordered.touchpoint_id
    )
),

placed as (
    select
        carried.*,
        row_number() over (
            partition by carried.customer_key, carried.path_number order by carried.occurred_at, carried.touchpoint_id
        ) as number_in_path,
        bool_or(carried.is_conversion) over (
            partition by carried.customer_key, carried.path_number
        ) as is_path_converted,
        case
            when
                carried.is_conversion
                and carried.last_campaign_at >= carried.occurred_at - interval '{{ attribution_days }} days'
                then carried.last_campaign_key
        end as attributed_campaign_key
    from carried
)

select
    md5(placed.touchpoint_id) as touchpoint_key,
    placed.customer_key,
    placed.touchpoint_number,
    placed.touchpoint_number = 1 as is_first,
    placed.touchpoint_number = placed.touchpoint_count as is_last,
    placed.occurred_at,
    placed.date_key,
    placed.system,
    placed.touchpoint_type,
    placed.detail,
    channels.channel,
    channels.touchpoint_group,
    placed.campaign_key,
    campaigns.campaign_name,
    campaigns.brand as campaign_brand,
    placed.amount_eur,
    placed.previous_touchpoint_type,
    placed.next_touchpoint_type,
    round(extract(epoch from placed.occurred_at - placed.previous_at) / 86400, 3) as days_since_previous,
    round(extract(epoch from placed.next_at - placed.occurred_at) / 86400, 3) as days_to_next,
    placed.is_conversion,
    case when placed.is_conversion then placed.conversions_so_far end as conversion_number,
    placed.path_number,
    placed.number_in_path,
    placed.is_path_converted,
    placed.attributed_campaign_key,
    attributed.campaign_name as attributed_campaign_name
from placed
left join {{ ref('dim_channel') }} as channels on placed.channel_key = channels.channel_key
left join {{ ref('dim_campaign') }} as campaigns on placed.campaign_key = campaigns.campaign_key
left join {{ ref('dim_campaign') }} as attributed on placed.attributed_campaign_key = attributed.campaign_key
