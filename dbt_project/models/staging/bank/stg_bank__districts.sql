with

released as (
    {{ released('bank', 'districts') }}
),

typed as (

    select
        a1 as source_key,
        a1 as district_id_bank,
        a2 as district_name,
        a3 as region,
        {{ to_number('a4', 'integer') }} as inhabitants,
        {{ to_number('a5', 'integer') }} as municipalities_below_500,
        {{ to_number('a6', 'integer') }} as municipalities_below_2000,
        {{ to_number('a7', 'integer') }} as municipalities_below_10000,
        {{ to_number('a8', 'integer') }} as municipalities_from_10000,
        {{ to_number('a9', 'integer') }} as cities,
        {{ to_number('a10') }} as urban_inhabitants_pct,
        {{ to_number('a11', 'integer') }} as average_salary_czk,
        {{ to_number('a12') }} as unemployment_1995_pct,
        {{ to_number('a13') }} as unemployment_1996_pct,
        {{ to_number('a14', 'integer') }} as entrepreneurs_per_1000,
        {{ to_number('a15', 'integer') }} as crimes_1995,
        {{ to_number('a16', 'integer') }} as crimes_1996,
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
