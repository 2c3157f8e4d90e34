with

released as (
    {{ released('support', 'calls') }}
),

typed as (

    select
        {{ blank_to_null('call_id') }} as source_key,
        {{ contact_record_id('support', ['requester_name', 'requester_email', 'requester_phone']) }} as record_id,
        {{ blank_to_null('call_id') }} as call_id_support,
        {{ blank_to_null('requester_name') }} as full_name,
        {{ blank_to_null('requester_email') }} as email,
        {{ blank_to_null('requester_phone') }} as phone,
        {{ blank_to_null('ticket_id') }} as ticket_id_support,
        {{ to_integer('duration_s') }} as duration_s,
        {{ to_integer('wait_s') }} as wait_s,
        {{ blank_to_null('direction') }} as direction,
        {{ blank_to_null('agent') }} as agent,
        {{ blank_to_null('outcome') }} as outcome,
        {{ blank_to_null('resolution') }} as resolution,
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
