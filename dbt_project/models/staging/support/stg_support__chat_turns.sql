with

released as (
    {{ released('support', 'chats') }}
),

unnested as (

    select
        {{ blank_to_null('released.chat_id') }} as chat_id_support,
        {{ contact_record_id('support', [
            'released.requester_name', 'released.requester_email', 'released.requester_phone'
        ]) }} as record_id,
        released.batch_date,
        released.file_id,
        released.row_number,
        item.value as turn
    from released
    cross join lateral jsonb_array_elements(
        case
            when jsonb_typeof({{ to_json('released.transcript') }}) = 'array' then released.transcript::jsonb
            else '[]'::jsonb
        end
    ) as item (value)

),

typed as (

    select
        {{ blank_to_null("turn ->> 'turn_id'") }} as source_key,
        record_id,
        chat_id_support,
        {{ blank_to_null("turn ->> 'author'") }} as author,
        {{ mask_text(blank_to_null("turn ->> 'text'")) }} as turn_text,
        {{ to_timestamp("turn ->> 'at'") }} as recorded_at,
        batch_date,
        file_id,
        row_number,
        {{ content_hash('turn') }} as content_hash
    from unnested

),

final as (
    {{ latest_version('typed') }}
)

select * from final
