with

released as (
    {{ released('bank', 'orders') }}
),

typed as (

    select
        {{ blank_to_null('order_id') }} as source_key,
        {{ blank_to_null('order_id') }} as order_id_bank,
        {{ blank_to_null('account_id') }} as account_id_bank,
        bank_to as partner_bank,
        {{ tokenise('account_to', 'account') }} as partner_account_token,
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
