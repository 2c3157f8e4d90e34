with

released as (
    {{ released('wealth', 'funds') }}
),

typed as (

    select
        {{ blank_to_null('holding_number') }} || '/' || batch_date as source_key,
        'wealth/clients/' || {{ blank_to_null('client_number') }} as record_id,
        {{ blank_to_null('holding_number') }} as holding_id_wealth,
        {{ blank_to_null('client_number') }} as client_id_wealth,
        {{ blank_to_null('fund_code') }} as fund_code,
        {{ blank_to_null('fund_name') }} as fund_name,
        {{ to_number('units') }} as units,
        {{ to_number('value') }} as balance,
        {{ to_number('profit_and_loss') }} as profit_and_loss,
        {{ to_integer('risk_score') }} as risk_score,
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
    {{ is_in_latest_snapshot('wealth', 'funds') }} as is_in_latest_snapshot
from final
