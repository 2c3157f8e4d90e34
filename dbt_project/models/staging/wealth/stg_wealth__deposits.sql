with

released as (
    {{ released('wealth', 'deposits') }}
),

typed as (

    select
        {{ blank_to_null('holding_number') }} || '/' || batch_date as source_key,
        'wealth/clients/' || {{ blank_to_null('client_number') }} as record_id,
        {{ blank_to_null('holding_number') }} as holding_id_wealth,
        {{ blank_to_null('client_number') }} as client_id_wealth,
        {{ blank_to_null('product') }} as product,
        {{ tokenise('iban', 'iban') }} as iban_token,
        {{ to_number('balance') }} as balance,
        {{ to_number('inflow') }} as inflow,
        {{ to_number('outflow') }} as outflow,
        {{ to_number('interest_rate_pct') }} as interest_rate_pct,
        {{ to_date('maturity_date') }} as maturity_date,
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
    {{ is_in_latest_snapshot('wealth', 'deposits') }} as is_in_latest_snapshot
from final
