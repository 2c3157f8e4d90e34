with

released as (
    {{ released('hr', 'employees') }}
),

typed as (

    select
        {{ blank_to_null('first_name') }} as first_name,
        {{ blank_to_null('last_name') }} as last_name,
        {{ to_integer('age') }} as age,
        batch_date as age_as_of_date,
        lower({{ blank_to_null('sex') }}) as gender,
        {{ to_boolean('retired') }} as is_retired,
        {{ to_integer('dependants') }} as dependants,
        lower({{ blank_to_null('marital_status') }}) as marital_status,
        {{ to_number('salary') }} as salary,
        {{ to_number('pension') }} as pension,
        'EUR'::text as currency,
        {{ blank_to_null('company') }} as company,
        {{ to_number('commute_distance') }} as commute_distance_km,
        {{ blank_to_null('address_postcode') }} as postcode,
        {{ natural_key([
            blank_to_null('first_name'), blank_to_null('last_name'), blank_to_null('sex'),
            blank_to_null('address_postcode')
        ]) }} as natural_key,
        null::timestamptz as recorded_at,
        batch_date,
        file_id,
        row_number,
        content_hash
    from released

),

numbered as (

    select
        *,
        {{ numbered_key('natural_key', 'age desc nulls last, company collate "C" asc nulls last') }} as source_key
    from typed

),

latest as (
    {{ latest_version('numbered', [
        'first_name', 'last_name', 'gender', 'age', 'postcode', 'marital_status', 'is_retired', 'salary',
        'pension', 'currency', 'dependants', 'company',
    ]) }}
),

final as (

    select
        source_key,
        'hr/employees/' || source_key as record_id,
        first_name,
        last_name,
        age,
        age_as_of_date,
        gender,
        is_retired,
        dependants,
        marital_status,
        salary,
        pension,
        currency,
        company,
        commute_distance_km,
        postcode,
        recorded_at,
        batch_date,
        file_id,
        row_number,
        content_hash,
        first_seen_date,
        last_seen_date,
        {{ is_in_latest_snapshot('hr', 'employees') }} as is_in_latest_snapshot,
        versions,
        version_since_dates,
        version_until_dates
    from latest

)

select * from final
