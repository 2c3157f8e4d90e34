with

released as (
    {{ released('marketing', 'campaigns') }}
),

typed as (

    select
        {{ blank_to_null('campaign_id') }} as source_key,
        {{ blank_to_null('campaign_id') }} as campaign_id_marketing,
        {{ blank_to_null('name') }} as campaign_name,
        {{ blank_to_null('channel') }} as channel,
        {{ blank_to_null('product_id') }} as product_id,
        {{ blank_to_null('brand') }} as brand,
        {{ to_date('start_date') }} as start_date,
        {{ to_date('end_date') }} as end_date,
        {{ to_number('budget') }} as budget,
        {{ blank_to_null('currency') }} as currency,
        {{ to_timestamp('updated_at') }} as recorded_at,
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
