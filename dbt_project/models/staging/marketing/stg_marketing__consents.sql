-- Entries are never taken back: a withdrawal is an entry of its own. So the history is that of all deliveries.
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
        item.value as consent
    from released
    cross join lateral jsonb_array_elements(
        case
            when jsonb_typeof({{ to_json('released.consents') }}) = 'array' then released.consents::jsonb
            else '[]'::jsonb
        end
    ) as item (value)

),

typed as (

    select
        {{ blank_to_null("consent ->> 'consent_id'") }} as source_key,
        'marketing/contacts/' || contact_id_marketing as record_id,
        contact_id_marketing,
        {{ blank_to_null("consent ->> 'channel'") }} as channel,
        {{ blank_to_null("consent ->> 'action'") }} as consent_action,
        {{ to_timestamp("consent ->> 'at'") }} as stated_at,
        {{ blank_to_null("consent ->> 'source'") }} as stated_over,
        contact_updated_at as recorded_at,
        batch_date,
        file_id,
        row_number,
        {{ content_hash('consent') }} as content_hash
    from unnested

),

final as (
    {{ latest_version('typed') }}
)

select * from final
