with

released as (
    {{ released('ecommerce', 'carts') }}
),

typed as (

    select
        {{ blank_to_null('cart_id') }} as source_key,
        'ecommerce/accounts/' || {{ blank_to_null('account_id') }} as record_id,
        {{ blank_to_null('cart_id') }} as cart_id_ecommerce,
        {{ blank_to_null('account_id') }} as account_id_ecommerce,
        {{ blank_to_null('anonymous_id') }} as anonymous_id_web,
        {{ to_integer('items_count') }} as items_count,
        {{ to_number('items_value') }} as items_value,
        {{ blank_to_null('currency') }} as currency,
        {{ to_json('product_ids') }} as product_ids,
        {{ blank_to_null('order_id') }} as order_id_ecommerce,
        {{ to_timestamp('created_at') }} as created_at,
        {{ to_timestamp('abandoned_at') }} as abandoned_at,
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
