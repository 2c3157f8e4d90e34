with

released as (
    {{ released('ecommerce', 'orders') }}
),

typed as (

    select
        {{ blank_to_null('order_id') }} as source_key,
        coalesce(
            'ecommerce/accounts/' || {{ blank_to_null('account_id') }},
            'ecommerce/guests/' || md5(concat_ws(
                '|', coalesce(contact_email, '-'), coalesce(shipping_name, '-'), coalesce(shipping_phone, '-'),
                coalesce(shipping_street, '-'), coalesce(shipping_postcode, '-')
            ))
        ) as record_id,
        {{ blank_to_null('order_id') }} as order_id_ecommerce,
        {{ blank_to_null('account_id') }} as account_id_ecommerce,
        {{ blank_to_null('cart_id') }} as cart_id_ecommerce,
        {{ blank_to_null('account_id') }} is null as is_guest_order,
        {{ blank_to_null('status') }} as status,
        {{ blank_to_null('currency') }} as currency,
        {{ to_number('amount_goods') }} as amount_goods,
        {{ to_number('amount_discount') }} as amount_discount,
        {{ to_number('amount_shipping') }} as amount_shipping,
        {{ to_number('amount_total') }} as amount,
        {{ blank_to_null('payment_method') }} as payment_method,
        {{ tokenise('card_number', 'card') }} as card_token,
        {{ blank_to_null('shipping_name') }} as full_name,
        {{ blank_to_null('contact_email') }} as email,
        {{ blank_to_null('shipping_phone') }} as phone,
        {{ blank_to_null('shipping_street') }} as address_line,
        {{ blank_to_null('shipping_city') }} as city,
        {{ blank_to_null('shipping_postcode') }} as postcode,
        {{ blank_to_null('shipping_country') }} as country,
        {{ blank_to_null('campaign') }} as campaign,
        {{ to_timestamp('placed_at') }} as placed_at,
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
