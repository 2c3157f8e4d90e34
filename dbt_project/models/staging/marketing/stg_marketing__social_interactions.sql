with

released as (
    {{ released('marketing', 'social_interactions') }}
),

typed as (

    select
        {{ blank_to_null('interaction_id') }} as source_key,
        'marketing/contacts/' || {{ blank_to_null('contact_id') }} as record_id,
        {{ blank_to_null('contact_id') }} as contact_id_marketing,
        lower({{ blank_to_null('network') }}) as network,
        lower({{ blank_to_null('handle') }}) as social_handle,
        {{ blank_to_null('kind') }} as interaction_type,
        {{ blank_to_null('post_id') }} as post_id,
        {{ blank_to_null('campaign_id') }} as campaign_id_marketing,
        {{ mask_text(blank_to_null('text')) }} as interaction_text,
        {{ blank_to_null('sentiment') }} as sentiment,
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
