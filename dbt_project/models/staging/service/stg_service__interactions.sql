with

released as (
    {{ released('service', 'interactions') }}
),

typed as (

    select
        {{ blank_to_null('interaction_id') }} as source_key,
        'service/contacts/' || md5(concat_ws(
            '|', coalesce(customer_id, '-'), coalesce(contact_name, '-'), coalesce(contact_email, '-'),
            coalesce(contact_phone, '-'), coalesce(contact_birth_date, '-'), coalesce(contact_postcode, '-')
        )) as record_id,
        {{ blank_to_null('customer_id') }} as customer_id_crm,
        {{ blank_to_null('interaction_type') }} as interaction_type,
        {{ to_timestamp('timestamp') }} as recorded_at,
        {{ blank_to_null('channel') }} as channel,
        {{ blank_to_null('contact_name') }} as full_name,
        {{ blank_to_null('contact_email') }} as email,
        {{ blank_to_null('contact_phone') }} as phone,
        {{ to_date('contact_birth_date') }} as date_of_birth,
        {{ blank_to_null('contact_postcode') }} as postcode,
        {{ blank_to_null('agent') }} as agent,
        {{ to_integer('duration_s') }} as duration_s,
        {{ blank_to_null('resolution') }} as resolution,
        {{ mask_text(blank_to_null('notes')) }} as note_text,
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
