with

released as (
    {{ released('support', 'tickets') }}
),

typed as (

    select
        {{ blank_to_null('ticket_id') }} as source_key,
        {{ contact_record_id('support', ['requester_name', 'requester_email', 'requester_phone']) }} as record_id,
        {{ blank_to_null('ticket_id') }} as ticket_id_support,
        {{ blank_to_null('requester_name') }} as full_name,
        {{ blank_to_null('requester_email') }} as email,
        {{ blank_to_null('requester_phone') }} as phone,
        {{ mask_text(blank_to_null('subject')) }} as subject,
        coalesce({{ to_json('category') }} ->> 'name', {{ blank_to_null('category') }}) as category,
        {{ blank_to_null('complaint_category') }} as complaint_category,
        {{ blank_to_null('resolution') }} as resolution,
        {{ blank_to_null('priority') }} as priority,
        {{ blank_to_null('channel') }} as channel,
        {{ blank_to_null('status') }} as status,
        {{ blank_to_null('product_id') }} as product_id,
        {{ blank_to_null('agent') }} as agent,
        {{ to_timestamp('opened_at') }} as opened_at,
        {{ to_timestamp('first_response_at') }} as first_response_at,
        {{ to_timestamp('resolved_at') }} as resolved_at,
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
