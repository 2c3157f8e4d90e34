with

released as (
    {{ released('marketing', 'email_events') }}
),

typed as (

    select
        {{ blank_to_null('event_id') }} as source_key,
        'marketing/contacts/' || {{ blank_to_null('contact_id') }} as record_id,
        {{ blank_to_null('contact_id') }} as contact_id_marketing,
        {{ blank_to_null('campaign_id') }} as campaign_id_marketing,
        {{ blank_to_null('message_id') }} as message_id_marketing,
        {{ blank_to_null('email') }} as email,
        {{ blank_to_null('kind') }} as event_type,
        {{ mask_url(blank_to_null('link')) }} as link,
        {{ blank_to_null('bounce_type') }} as bounce_type,
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
