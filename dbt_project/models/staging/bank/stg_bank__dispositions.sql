with

released as (
    {{ released('bank', 'dispositions') }}
),

typed as (

    select
        {{ blank_to_null('disp_id') }} as source_key,
        {{ blank_to_null('disp_id') }} as disposition_id_bank,
        {{ blank_to_null('client_id') }} as client_id_bank,
        {{ blank_to_null('account_id') }} as account_id_bank,
        lower(type) as disposition_type,
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
