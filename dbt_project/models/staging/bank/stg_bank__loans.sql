with

released as (
    {{ released('bank', 'loans') }}
),

typed as (

    select
        {{ blank_to_null('loan_id') }} as source_key,
        {{ blank_to_null('loan_id') }} as loan_id_bank,
        {{ blank_to_null('account_id') }} as account_id_bank,
        {{ to_bank_date('"date"') }} as granted_date,
        {{ to_number('amount') }} as amount,
        {{ to_integer('duration') }} as duration_months,
        {{ to_number('payments') }} as monthly_payment,
        status,
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
