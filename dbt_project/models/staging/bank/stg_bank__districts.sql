with

released as (
    {{ released('bank', 'districts') }}
),

typed as (

    select
        {{ blank_to_null('a1') }} as source_key,
        {{ blank_to_null('a1') }} as district_id_bank,
        a2 as district_name,
        a3 as region,
        {{ to_integer('a4') }} as inhabitants,
        {{ to_integer('a5') }} as municipalities_below_500,
        {{ to_integer('a6') }} as municipalities_below_2000,
        {{ to_integer('a7') }} as municipalities_below_10000,
        {{ to_integer('a8') }} as municipalities_from_10000,
        {{ to_integer('a9') }} as cities,
        {{ to_number('a10') }} as urban_inhabitants_pct,
        {{ to_integer('a11') }} as average_salary_czk,
        {{ to_number('a12') }} as unemployment_1995_pct,
        {{ to_number('a13') }} as unemployment_1996_pct,
        {{ to_integer('a14') }} as entrepreneurs_per_1000,
        {{ to_integer('a15') }} as crimes_1995,
        {{ to_integer('a16') }} as crimes_1996,
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

select * from final
