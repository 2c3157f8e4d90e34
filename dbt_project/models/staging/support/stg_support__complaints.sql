with

released as (
    {{ released('support', 'complaints') }}
),

typed as (

    select
        {{ blank_to_null('complaint_id') }} as source_key,
        {{ contact_record_id('support', ['requester_name', 'requester_email', 'requester_phone']) }} as record_id,
        {{ blank_to_null('complaint_id') }} as complaint_id_support,
        {{ blank_to_null('requester_name') }} as full_name,
        {{ blank_to_null('requester_email') }} as email,
        {{ blank_to_null('requester_phone') }} as phone,
        {{ blank_to_null('ticket_id') }} as ticket_id_support,
        {{ blank_to_null('category') }} as category,
        {{ blank_to_null('severity') }} as severity,
        {{ mask_text(blank_to_null('description')) }} as complaint_text,
        {{ blank_to_null('status') }} as status,
        {{ blank_to_null('resolution') }} as resolution,
        {{ to_number('compensation') }} as compensation,
        {{ blank_to_null('currency') }} as currency,
        {{ to_timestamp('filed_at') }} as filed_at,
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
