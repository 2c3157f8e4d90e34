with

released as (
    {{ released('pos', 'transaction_lines') }}
),

typed as (

    select
        {{ blank_to_null('transaction_id') }} || '/' || {{ blank_to_null('line_number') }} as source_key,
        {{ blank_to_null('transaction_id') }} as transaction_id_pos,
        {{ to_integer('line_number') }} as line_number,
        {{ blank_to_null('product_id') }} as product_id,
        {{ blank_to_null('product_name') }} as product_name,
        {{ blank_to_null('product_category') }} as product_category,
        {{ to_integer('quantity') }} as quantity,
        {{ to_number('unit_price') }} as unit_price,
        {{ to_number('discount') }} as discount,
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
