with

released as (
    {{ released('usage', 'product_usage') }}
),

typed as (

    select
        {{ blank_to_null('subscription_id') }} as source_key,
        'usage/product_usage/' || {{ blank_to_null('subscription_id') }} as record_id,
        {{ blank_to_null('customer_id') }} as customer_id_crm,
        {{ blank_to_null('account_name') }} as full_name,
        {{ blank_to_null('account_email') }} as email,
        {{ to_date('account_birth_date') }} as date_of_birth,
        {{ blank_to_null('account_postcode') }} as postcode,
        {{ blank_to_null('product_id') }} as product_id,
        {{ blank_to_null('product_name') }} as product_name,
        {{ blank_to_null('product_category') }} as product_category,
        {{ blank_to_null('usage_frequency') }} as usage_frequency,
        {{ to_date('last_used') }} as last_used_date,
        {{ to_timestamp('recorded_at') }} as recorded_at,
        batch_date,
        file_id,
        row_number,
        content_hash
    from released

),

latest as (
    {{ latest_version('typed', ['full_name', 'email', 'date_of_birth', 'postcode', 'customer_id_crm']) }}
),

final as (

    select
        latest.*,
        latest.last_seen_date = (select max(released.batch_date) from released) as is_in_latest_snapshot
    from latest

)

select * from final
