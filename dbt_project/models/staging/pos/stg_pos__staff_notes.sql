with

released as (
    {{ released('pos', 'staff_notes') }}
),

typed as (

    select
        {{ blank_to_null('note_id') }} as source_key,
        'pos/members/' || {{ blank_to_null('loyalty_number') }} as record_id,
        {{ blank_to_null('store_id') }} as store_id_pos,
        {{ blank_to_null('employee') }} as employee,
        {{ blank_to_null('loyalty_number') }} as loyalty_number_pos,
        {{ blank_to_null('transaction_id') }} as transaction_id_pos,
        {{ blank_to_null('topic') }} as topic,
        {{ mask_text(blank_to_null('note')) }} as note_text,
        {{ to_timestamp('occurred_at') }} as recorded_at,
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
