with

released as ({{ released('bank', 'clients') }}),

typed as (

    select
        client_id as source_key,
        'bank/clients/' || client_id as record_id,
        client_id as client_id_bank,
        district_id as district_id_bank,
        case when substr(birth_number, 3, 2)::integer > 50 then 'female' else 'male' end as gender,
        -- Women's months carry 50 more.
        {{ to_bank_date("substr(birth_number, 1, 2) || lpad((substr(birth_number, 3, 2)::integer % 50)::text, 2, '0') || substr(birth_number, 5, 2)") }} as date_of_birth,
        null::timestamptz as record_time,
        batch_date,
        file_id,
        source_row,
        content_hash
    from released

),

final as ({{ latest_version('typed') }})

select * from final
