with

released as (
    {{ released('pos', 'stores') }}
),

typed as (

    select
        {{ blank_to_null('store_id') }} as source_key,
        {{ blank_to_null('store_id') }} as store_id_pos,
        {{ blank_to_null('store_name') }} as store_name,
        {{ blank_to_null('store_format') }} as store_format,
        {{ blank_to_null('street') }} as address_line,
        {{ blank_to_null('city') }} as city,
        {{ blank_to_null('postcode') }} as postcode,
        {{ blank_to_null('country') }} as country,
        {{ blank_to_null('currency') }} as currency,
        {{ to_date('opened_date') }} as opened_date,
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
