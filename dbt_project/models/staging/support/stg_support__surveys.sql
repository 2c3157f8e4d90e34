with

released as (
    {{ released('support', 'surveys') }}
),

typed as (

    select
        {{ blank_to_null('survey_id') }} as source_key,
        {{ contact_record_id('support', ['requester_name', 'requester_email', 'requester_phone']) }} as record_id,
        {{ blank_to_null('survey_id') }} as survey_id_support,
        {{ blank_to_null('requester_name') }} as full_name,
        {{ blank_to_null('requester_email') }} as email,
        {{ blank_to_null('requester_phone') }} as phone,
        {{ blank_to_null('ticket_id') }} as ticket_id_support,
        {{ blank_to_null('kind') }} as survey_type,
        {{ to_integer('score') }} as score,
        {{ mask_text(blank_to_null('comment')) }} as comment,
        {{ to_timestamp('answered_at') }} as recorded_at,
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
