with

released as (
    {{ released('ecommerce', 'order_items') }}
),

typed as (

    select
        {{ blank_to_null('order_id') }} || '/' || {{ blank_to_null('line_number') }} as source_key,
        {{ blank_to_null('order_id') }} as order_id_ecommerce,
        {{ to_integer('line_number') }} as line_number,
        {{ blank_to_null('product_id') }} as product_id,
        {{ blank_to_null('product_name') }} as product_name,
        {{ blank_to_null('product_category') }} as product_category,
        {{ to_integer('quantity') }} as quantity,
        {{ to_number('unit_price') }} as unit_price,
        {{ to_timestamp('updated_at') }} as recorded_at,
        coalesce({{ to_boolean('is_deleted') }}, false) as is_tombstone,
        batch_date,
        file_id,
        row_number,
        content_hash
    from released

),

final as (
    {{ latest_version_or_deleted('typed') }}
)

select * from final
