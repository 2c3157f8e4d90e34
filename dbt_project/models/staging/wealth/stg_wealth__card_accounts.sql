with

released as (
    {{ released('wealth', 'card_accounts') }}
),

typed as (

    select
        {{ blank_to_null('holding_number') }} || '/' || batch_date as source_key,
        'wealth/clients/' || {{ blank_to_null('client_number') }} as record_id,
        {{ blank_to_null('holding_number') }} as holding_id_wealth,
        {{ blank_to_null('client_number') }} as client_id_wealth,
        {{ tokenise('card_number', 'card') }} as card_token,
        {{ blank_to_null('kind') }} as card_kind,
        {{ to_number('credit_limit') }} as credit_limit,
        {{ to_number('credit_usage') }} as balance,
        {{ to_number('credit_available') }} as credit_available,
        {{ to_number('spending') }} as spending,
        {{ to_integer('points') }} as points,
        {{ blank_to_null('payment_behaviour') }} as payment_behaviour,
        {{ blank_to_null('spending_segment') }} as spending_segment,
        {{ blank_to_null('currency') }} as currency,
        {{ to_date('opened_date') }} as opened_date,
        {{ to_date('last_action_date') }} as last_action_date,
        {{ blank_to_null('status') }} as status,
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

select
    final.*,
    {{ is_in_latest_snapshot('wealth', 'card_accounts') }} as is_in_latest_snapshot
from final
