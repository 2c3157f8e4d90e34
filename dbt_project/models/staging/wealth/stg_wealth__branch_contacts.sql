with

released as (
    {{ released('wealth', 'branch_contacts') }}
),

typed as (

    select
        {{ blank_to_null('contact_number') }} as source_key,
        'wealth/clients/' || {{ blank_to_null('client_number') }} as record_id,
        {{ blank_to_null('client_number') }} as client_id_wealth,
        {{ blank_to_null('branch') }} as branch,
        {{ blank_to_null('desk') }} as desk,
        {{ blank_to_null('reason') }} as reason,
        {{ to_timestamp('began_at') }} as recorded_at,
        {{ to_integer('duration_s') }} as duration_s,
        {{ blank_to_null('employee') }} as employee,
        {{ blank_to_null('outcome') }} as outcome,
        {{ mask_text(blank_to_null('note')) }} as note_text,
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
