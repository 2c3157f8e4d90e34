with

released as (
    {{ released('pos', 'transactions') }}
),

typed as (

    select
        {{ blank_to_null('transaction_id') }} as source_key,
        coalesce(
            'pos/members/' || {{ blank_to_null('loyalty_number') }},
            'pos/cards/' || {{ tokenise('card_number', 'card') }}
        ) as record_id,
        {{ blank_to_null('transaction_id') }} as transaction_id_pos,
        {{ blank_to_null('type') }} as transaction_type,
        {{ blank_to_null('store_id') }} as store_id_pos,
        {{ blank_to_null('till') }} as till,
        {{ blank_to_null('employee') }} as employee,
        {{ blank_to_null('loyalty_number') }} as loyalty_number_pos,
        {{ tokenise('card_number', 'card') }} as card_token,
        {{ blank_to_null('currency') }} as currency,
        {{ to_number('amount') }} as amount,
        {{ blank_to_null('payment_method') }} as payment_method,
        {{ blank_to_null('original_transaction_id') }} as original_transaction_id_pos,
        {{ blank_to_null('return_reason') }} as return_reason,
        {{ to_integer('points_earned') }} as points_earned,
        {{ to_integer('points_redeemed') }} as points_redeemed,
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
