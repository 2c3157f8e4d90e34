with

released as (
    {{ released('wealth', 'loans') }}
),

typed as (

    select
        {{ blank_to_null('holding_number') }} || '/' || batch_date as source_key,
        'wealth/clients/' || {{ blank_to_null('client_number') }} as record_id,
        {{ blank_to_null('holding_number') }} as holding_id_wealth,
        {{ blank_to_null('client_number') }} as client_id_wealth,
        {{ blank_to_null('kind') }} as loan_kind,
        {{ to_number('principal') }} as principal,
        {{ to_number('outstanding') }} as balance,
        {{ to_number('instalment') }} as instalment,
        {{ to_number('interest_rate_pct') }} as interest_rate_pct,
        {{ blank_to_null('property_kind') }} as property_kind,
        {{ blank_to_null('location_area') }} as location_area,
        {{ to_number('asset_value') }} as asset_value,
        {{ to_integer('number_of_assets') }} as number_of_assets,
        {{ to_number('car_price') }} as car_price,
        {{ blank_to_null('car_segment') }} as car_segment,
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
    {{ is_in_latest_snapshot('wealth', 'loans') }} as is_in_latest_snapshot
from final
