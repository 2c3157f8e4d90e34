with

released as (
    {{ released('marketing', 'ad_performance') }}
),

typed as (

    select
        {{ blank_to_null('platform') }} || '|' || {{ blank_to_null('campaign_id') }}
        || '|' || {{ blank_to_null('"date"') }} as source_key,
        {{ blank_to_null('platform') }} as platform,
        {{ blank_to_null('campaign_id') }} as campaign_id_marketing,
        {{ to_date('"date"') }} as performance_date,
        {{ to_integer('impressions') }} as impressions,
        {{ to_integer('clicks') }} as clicks,
        {{ to_integer('conversions') }} as conversions,
        {{ to_number('cost') }} as cost,
        {{ blank_to_null('currency') }} as currency,
        null::timestamptz as recorded_at,
        batch_date,
        file_id,
        row_number,
        content_hash
    from released

),

final as (
    {{ latest_version('typed') }}
)

select * from final
