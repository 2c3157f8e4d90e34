with

released as (
    {{ released('wealth', 'policies') }}
),

typed as (

    select
        {{ blank_to_null('holding_number') }} || '/' || batch_date as source_key,
        'wealth/clients/' || {{ blank_to_null('client_number') }} as record_id,
        {{ blank_to_null('holding_number') }} as holding_id_wealth,
        {{ blank_to_null('client_number') }} as client_id_wealth,
        {{ blank_to_null('kind') }} as policy_kind,
        {{ to_number('premium') }} as premium,
        {{ to_number('cover') }} as cover,
        {{ to_number('balance') }} as balance,
        {{ to_number('tax_benefit') }} as tax_benefit,
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
    {{ is_in_latest_snapshot('wealth', 'policies') }} as is_in_latest_snapshot
from final
