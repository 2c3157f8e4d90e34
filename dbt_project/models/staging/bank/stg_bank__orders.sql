with

released as (
    {{ released('bank', 'orders') }}
),

typed as (

    select
        order_id as source_key,
        order_id as order_id_bank,
        account_id as account_id_bank,
        bank_to as partner_bank,
        account_to as partner_account,
        {{ to_number('amount') }} as amount,
        {{ blank_to_null('k_symbol') }} as purpose,
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
