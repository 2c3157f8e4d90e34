with

released as (
    {{ released('bank', 'cards') }}
),

typed as (

    select
        {{ blank_to_null('card_id') }} as source_key,
        {{ blank_to_null('card_id') }} as card_id_bank,
        {{ blank_to_null('disp_id') }} as disposition_id_bank,
        type as card_type,
        {{ to_bank_date('issued') }} as issued_date,
        null::timestamptz as recorded_at,
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
