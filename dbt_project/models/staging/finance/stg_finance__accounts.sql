with

released as (
    {{ released('finance', 'accounts') }}
),

typed as (

    select
        {{ blank_to_null('account_id') }} as source_key,
        'finance/accounts/' || {{ blank_to_null('account_id') }} as record_id,
        {{ blank_to_null('account_id') }} as account_id_finance,
        {{ blank_to_null('customer_id') }} as customer_id_crm,
        {{ blank_to_null('holder_name') }} as full_name,
        {{ blank_to_null('holder_email') }} as email,
        {{ blank_to_null('holder_phone') }} as phone,
        {{ to_date('holder_birth_date') }} as date_of_birth,
        {{ blank_to_null('holder_postcode') }} as postcode,
        {{ blank_to_null('account_type') }} as account_type,
        {{ blank_to_null('currency') }} as currency,
        {{ to_date('opened_date') }} as opened_date,
        {{ blank_to_null('status') }} as status,
        {{ to_integer('credit_score') }} as credit_score,
        {{ to_json(mask_text('payment_methods')) }} as payment_methods,
        {{ tokenise('card_number', 'card') }} as card_token,
        {{ to_timestamp('updated_at') }} as recorded_at,
        batch_date,
        file_id,
        row_number,
        content_hash
    from released

),

final as (
    {{ latest_version('typed', [
        'full_name', 'email', 'phone', 'date_of_birth', 'postcode', 'status', 'credit_score', 'customer_id_crm',
        'card_token',
    ]) }}
)

select * from final
