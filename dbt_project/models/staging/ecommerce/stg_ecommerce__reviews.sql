with

released as (
    {{ released('ecommerce', 'reviews') }}
),

typed as (

    select
        {{ blank_to_null('review_id') }} as source_key,
        'ecommerce/accounts/' || {{ blank_to_null('account_id') }} as record_id,
        {{ blank_to_null('account_id') }} as account_id_ecommerce,
        {{ blank_to_null('order_id') }} as order_id_ecommerce,
        {{ blank_to_null('product_id') }} as product_id,
        {{ to_integer('rating') }} as rating,
        {{ mask_text(blank_to_null('title')) }} as title,
        {{ mask_text(blank_to_null('review_text')) }} as review_text,
        {{ to_boolean('is_published') }} as is_published,
        {{ to_timestamp('created_at') }} as created_at,
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
