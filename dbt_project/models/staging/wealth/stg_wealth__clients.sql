with

released as (
    {{ released('wealth', 'clients') }}
),

typed as (

    select
        {{ blank_to_null('client_number') }} as source_key,
        'wealth/clients/' || {{ blank_to_null('client_number') }} as record_id,
        {{ blank_to_null('client_number') }} as client_id_wealth,
        {{ blank_to_null('customer_id') }} as customer_id_crm,
        {{ tokenise('national_id', 'national_id') }} as national_id_token,
        {{ blank_to_null('full_name') }} as full_name,
        {{ to_date('date_of_birth') }} as date_of_birth,
        {{ blank_to_null('occupation') }} as occupation,
        {{ to_number('declared_income') }} as declared_income,
        {{ blank_to_null('currency') }} as currency,
        {{ to_date('registered_date') }} as registered_date,
        null::timestamptz as recorded_at,
        batch_date,
        file_id,
        row_number,
        content_hash
    from released

),

final as (
    {{ latest_version('typed', [
        'full_name', 'date_of_birth', 'occupation', 'declared_income', 'currency', 'customer_id_crm', 'national_id_token',
    ]) }}
)

select
    final.*,
    {{ is_in_latest_snapshot('wealth', 'clients') }} as is_in_latest_snapshot
from final
