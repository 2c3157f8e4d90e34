with

released as (
    {{ released('web', 'events') }}
),

typed as (

    select
        {{ blank_to_null('event_id') }} as source_key,
        coalesce(
            'web/users/' || {{ blank_to_null('user_id') }}, 'web/visitors/' || {{ blank_to_null('anonymous_id') }}
        ) as record_id,
        {{ blank_to_null('event_type') }} as event_type,
        {{ blank_to_null('session_id') }} as session_id_web,
        {{ blank_to_null('anonymous_id') }} as anonymous_id_web,
        {{ blank_to_null('device_id') }} as device_id_web,
        {{ blank_to_null('device_type') }} as device_type,
        {{ blank_to_null('user_id') }} as user_id_web,
        lower({{ blank_to_null('email') }}) as email,
        {{ mask_url(blank_to_null('url')) }} as url,
        {{ mask_url(blank_to_null('referrer')) }} as referrer,
        {{ blank_to_null('campaign_source') }} as campaign_source,
        {{ blank_to_null('campaign_medium') }} as campaign_medium,
        {{ blank_to_null('campaign_name') }} as campaign,
        {{ blank_to_null('element') }} as element,
        {{ mask_text("lower(" ~ blank_to_null('search_term') ~ ")") }} as search_term,
        {{ to_integer('results_count') }} as results_count,
        {{ blank_to_null('promotion_id') }} as promotion_id,
        {{ blank_to_null('content_id') }} as content_id,
        {{ to_integer('duration_s') }} as duration_s,
        {{ blank_to_null('product_id') }} as product_id,
        {{ to_integer('quantity') }} as quantity,
        {{ to_number('price') }} as unit_price,
        {{ blank_to_null('currency') }} as currency,
        {{ to_timestamp('occurred_at') }} as recorded_at,
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
