with

released as (
    {{ released('marketing', 'contacts') }}
),

unnested as (

    select
        {{ blank_to_null('released.contact_id') }} as contact_id_marketing,
        {{ to_timestamp('released.updated_at') }} as contact_updated_at,
        released.batch_date,
        released.file_id,
        released.row_number,
        item.value as subscription
    from released
    cross join lateral jsonb_array_elements(
        case
            when jsonb_typeof({{ to_json('released.subscriptions') }}) = 'array' then released.subscriptions::jsonb
            else '[]'::jsonb
        end
    ) as item (value)

),

typed as (

    select
        {{ blank_to_null("subscription ->> 'subscription_id'") }} as source_key,
        'marketing/contacts/' || contact_id_marketing as record_id,
        contact_id_marketing,
        {{ blank_to_null("subscription ->> 'newsletter'") }} as newsletter,
        {{ to_timestamp("subscription ->> 'subscribed_at'") }} as subscribed_at,
        {{ to_timestamp("subscription ->> 'unsubscribed_at'") }} as unsubscribed_at,
        contact_updated_at as recorded_at,
        batch_date,
        file_id,
        row_number,
        {{ content_hash('subscription') }} as content_hash
    from unnested

),

final as (
    {{ latest_version('typed') }}
)

select * from final
