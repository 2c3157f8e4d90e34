with

released as (
    {{ released('demographics', 'customers') }}
),

typed as (

    select
        coalesce(ref, id) as source_key,
        'demographics/customers/' || coalesce(ref, id) as record_id,
        {{ blank_to_null('id') }} as customer_id_crm,
        {{ blank_to_null('name') }} as full_name,
        {{ to_number('age', 'integer') }} as age,
        lower({{ blank_to_null('gender') }}) as gender,
        {{ blank_to_null('street') }} as address_line,
        {{ blank_to_null('city') }} as city,
        {{ blank_to_null('postcode') }} as postcode,
        {{ blank_to_null('country') }} as country,
        lower({{ blank_to_null('family_status') }}) as marital_status,
        {{ blank_to_null('education') }} as education_level,
        lower({{ blank_to_null('occupation') }}) as occupation,
        {{ blank_to_null('income_bracket') }} as income_bracket,
        {{ blank_to_null('lifestyle_segment') }} as lifestyle_segment,
        {{ to_number('purchase_propensity') }} as purchase_propensity,
        {{ to_number('competitor_spend') }} as competitor_spend_eur,
        {{ to_date('estimated_on') }}::timestamp at time zone 'UTC' as recorded_at,
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
    extract(year from coalesce(final.recorded_at at time zone 'UTC', final.batch_date))::integer
    - final.age as birth_year
from final
