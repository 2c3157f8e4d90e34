with

released as (
    {{ released('demographics', 'customers') }}
),

typed as (

    select
        coalesce({{ blank_to_null('ref') }}, 'id:' || {{ blank_to_null('id') }}) as source_key,
        {{ blank_to_null('ref') }} as ref_demographics,
        {{ blank_to_null('id') }} as customer_id_crm,
        {{ blank_to_null('name') }} as full_name,
        {{ to_integer('age') }} as age,
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
        lower({{ blank_to_null('geographic_segment') }}) as geographic_segment,
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
    {{ latest_version('typed', [
        'full_name', 'age', 'gender', 'address_line', 'city', 'postcode', 'country', 'marital_status',
        'education_level', 'occupation', 'income_bracket', 'lifestyle_segment', 'geographic_segment',
        'purchase_propensity', 'competitor_spend_eur', 'customer_id_crm',
    ]) }}
)

select
    final.*,
    'demographics/customers/' || final.source_key as record_id,
    case
        when final.age between 0 and 130
            then
                extract(year from coalesce(final.recorded_at at time zone 'UTC', final.batch_date))::integer
                - final.age::integer
    end as birth_year
from final
