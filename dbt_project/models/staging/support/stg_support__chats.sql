with

released as (
    {{ released('support', 'chats') }}
),

typed as (

    select
        {{ blank_to_null('chat_id') }} as source_key,
        {{ contact_record_id('support', ['requester_name', 'requester_email', 'requester_phone']) }} as record_id,
        {{ blank_to_null('chat_id') }} as chat_id_support,
        {{ blank_to_null('requester_name') }} as full_name,
        {{ blank_to_null('requester_email') }} as email,
        {{ blank_to_null('requester_phone') }} as phone,
        {{ blank_to_null('ticket_id') }} as ticket_id_support,
        {{ to_timestamp('ended_at') }} as ended_at,
        {{ blank_to_null('agent') }} as agent,
        {{ mask_url(blank_to_null('page')) }} as page,
        {{ blank_to_null('outcome') }} as outcome,
        {{ to_timestamp('started_at') }} as recorded_at,
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
