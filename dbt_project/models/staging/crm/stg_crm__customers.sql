with

released as (
    {{ released('crm', 'customers') }}
),

typed as (

    select
        {{ blank_to_null('customer_id') }} as source_key,
        'crm/customers/' || {{ blank_to_null('customer_id') }} as record_id,
        {{ blank_to_null('customer_id') }} as customer_id_crm,
        {{ blank_to_null('first_name') }} as first_name,
        {{ blank_to_null('last_name') }} as last_name,
        {{ blank_to_null('email') }} as email,
        {{ blank_to_null('phone') }} as phone,
        {{ to_date('date_of_birth') }} as date_of_birth,
        lower({{ blank_to_null('gender') }}) as gender,
        {{ blank_to_null('address_line') }} as address_line,
        {{ blank_to_null('city') }} as city,
        {{ blank_to_null('postcode') }} as postcode,
        {{ blank_to_null('country') }} as country,
        lower({{ blank_to_null('marital_status') }}) as marital_status,
        lower({{ blank_to_null('occupation') }}) as occupation,
        {{ to_date('join_date') }} as join_date,
        {{ blank_to_null('status') }} as status,
        {{ to_timestamp('updated_at') }} as recorded_at,
        batch_date,
        file_id,
        row_number,
        content_hash
    from released

),

final as (
    {{ latest_version('typed', [
        'customer_id_crm', 'first_name', 'last_name', 'email', 'phone', 'date_of_birth', 'gender',
        'address_line', 'city', 'postcode', 'country', 'marital_status', 'occupation', 'join_date', 'status',
    ]) }}
)

select * from final
