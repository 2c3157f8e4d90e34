with

released as (
    {{ released('bank', 'transactions') }}
),

typed as (

    select
        {{ blank_to_null('trans_id') }} as source_key,
        {{ blank_to_null('trans_id') }} as transaction_id_bank,
        {{ blank_to_null('account_id') }} as account_id_bank,
        {{ to_bank_date('"date"') }} as transaction_date,
        -- VYBER (a cash withdrawal) is an outflow like VYDAJ.
        case
            when type = 'PRIJEM' then 'deposit'
            when type in ('VYDAJ', 'VYBER') then 'withdrawal'
        end as transaction_type,
        {{ blank_to_null('operation') }} as operation,
        {{ to_number('amount') }} as amount,
        {{ to_number('balance') }} as balance,
        {{ blank_to_null('k_symbol') }} as purpose,
        {{ blank_to_null('bank') }} as partner_bank,
        {{ blank_to_null('account') }} as partner_account,
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
