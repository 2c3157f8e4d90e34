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
        item.value as account
    from released
    cross join lateral jsonb_array_elements(
        case
            when jsonb_typeof({{ to_json('released.social_handles') }}) = 'array' then released.social_handles::jsonb
            else '[]'::jsonb
        end
    ) as item (value)

),

typed as (

    select
        lower(
            {{ blank_to_null("account ->> 'network'") }} || '|' || {{ blank_to_null("account ->> 'handle'") }}
        ) as source_key,
        'marketing/contacts/' || contact_id_marketing as record_id,
        contact_id_marketing,
        {{ blank_to_null("account ->> 'network'") }} as network,
        lower({{ blank_to_null("account ->> 'handle'") }}) as social_handle,
        contact_updated_at as recorded_at,
        batch_date,
        file_id,
        row_number,
        {{ content_hash('account') }} as content_hash
    from unnested

),

final as (
    {{ latest_version('typed') }}
)

select * from final
