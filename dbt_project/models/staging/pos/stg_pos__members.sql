with

released as (
    {{ released('pos', 'members') }}
),

typed as (

    select
        {{ blank_to_null('loyalty_number') }} as source_key,
        'pos/members/' || {{ blank_to_null('loyalty_number') }} as record_id,
        {{ blank_to_null('loyalty_number') }} as loyalty_number_pos,
        {{ blank_to_null('full_name') }} as full_name,
        {{ blank_to_null('email') }} as email,
        {{ blank_to_null('phone') }} as phone,
        {{ to_date('birth_date') }} as date_of_birth,
        {{ blank_to_null('postcode') }} as postcode,
        {{ to_integer('card_points') }} as card_points,
        {{ blank_to_null('tier') }} as tier,
        {{ to_date('joined_date') }} as joined_date,
        {{ blank_to_null("coalesce(home_store, _rescued ->> 'home_store_id')") }} as home_store_id_pos,
        {{ blank_to_null('status') }} as status,
        {{ to_timestamp('updated_at') }} as recorded_at,
        batch_date,
        file_id,
        row_number,
        content_hash
    from released

),

final as (
    {{ latest_version('typed', ['full_name', 'email', 'phone', 'date_of_birth', 'postcode']) }}
)

select * from final
