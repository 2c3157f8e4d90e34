-- The type of a vehicle has come under two names; what is not declared waits in _rescued, under its name in lower case.
with

released as (
    {{ released('motor', 'vehicles') }}
),

typed as (

    select
        {{ blank_to_null('first_name') }} as first_name,
        {{ blank_to_null('second_name') }} as last_name,
        {{ to_integer('age_years') }} as age,
        batch_date as age_as_of_date,
        lower({{ blank_to_null('sex') }}) as gender,
        {{ blank_to_null('vehicle_make') }} as vehicle_make,
        {{ blank_to_null('vehicle_model') }} as vehicle_model,
        {{ to_integer('vehicle_year') }} as vehicle_year,
        coalesce({{ blank_to_null('vehicle_type') }}, {{ blank_to_null("_rescued ->> 'body type'") }}) as vehicle_type,
        {{ natural_key([
            blank_to_null('first_name'), blank_to_null('second_name'), blank_to_null('sex'),
            blank_to_null('vehicle_make'), blank_to_null('vehicle_model'), blank_to_null('vehicle_year')
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
        {{ numbered_key('natural_key', 'age desc nulls last, vehicle_type collate "C" asc nulls last') }} as source_key
    from typed

),

latest as (
    {{ latest_version('numbered', ['first_name', 'last_name', 'gender', 'age']) }}
),

final as (

    select
        source_key,
        'motor/vehicles/' || source_key as record_id,
        first_name,
        last_name,
        age,
        age_as_of_date,
        gender,
        vehicle_make,
        vehicle_model,
        vehicle_year,
        vehicle_type,
        recorded_at,
        batch_date,
        file_id,
        row_number,
        content_hash,
        first_seen_date,
        last_seen_date,
        {{ is_in_latest_snapshot('motor', 'vehicles') }} as is_in_latest_snapshot,
        versions,
        version_since_dates,
        version_until_dates
    from latest

)

select * from final
