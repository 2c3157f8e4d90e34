with

released as (
    {{ released('ecommerce', 'accounts') }}
),

typed as (

    select
        {{ blank_to_null('account_id') }} as source_key,
        'ecommerce/accounts/' || {{ blank_to_null('account_id') }} as record_id,
        {{ blank_to_null('account_id') }} as account_id_ecommerce,
        {{ blank_to_null('user_id') }} as user_id_web,
        {{ blank_to_null('first_name') }} as first_name,
        {{ blank_to_null('last_name') }} as last_name,
        {{ blank_to_null('email') }} as email,
        {{ blank_to_null('phone') }} as phone,
        {{ blank_to_null('billing_street') }} as address_line,
        {{ blank_to_null('billing_city') }} as city,
        {{ blank_to_null('billing_postcode') }} as postcode,
        {{ blank_to_null('billing_country') }} as country,
        {{ blank_to_null('shipping_street') }} as shipping_address_line,
        {{ blank_to_null('shipping_city') }} as shipping_city,
        {{ blank_to_null('shipping_postcode') }} as shipping_postcode,
        {{ blank_to_null('shipping_country') }} as shipping_country,
        {{ to_boolean('is_newsletter') }} as is_newsletter_subscriber,
        {{ blank_to_null('status') }} as status,
        {{ to_timestamp('registered_at') }} as registered_at,
        {{ to_timestamp('last_login_at') }} as last_login_at,
        {{ to_timestamp('updated_at') }} as recorded_at,
        coalesce({{ to_boolean('is_deleted') }}, false) as is_tombstone,
        batch_date,
        file_id,
        row_number,
        content_hash
    from released

),

final as (
    {{ latest_version_or_deleted('typed', [
        'first_name', 'last_name', 'email', 'phone', 'address_line', 'city', 'postcode', 'country',
        'user_id_web',
    ]) }}
)

select * from final
