with

released as (
    {{ released('bank', 'clients') }}
),

read as (

    -- A birth number that cannot be read says nothing; the raw gate has reported it by then.
    select
        released.*,
        case when released.birth_number ~ '^[0-9]{6}$' then substr(released.birth_number, 3, 2)::integer end
            as written_month
    from released

),

typed as (

    select
        {{ blank_to_null('client_id') }} as source_key,
        'bank/clients/' || {{ blank_to_null('client_id') }} as record_id,
        {{ blank_to_null('client_id') }} as client_id_bank,
        {{ blank_to_null('district_id') }} as district_id_bank,
        -- Women's months carry 50 more.
        case when written_month > 50 then 'female' when written_month <= 12 then 'male' end as gender,
        -- Nobody was born before 1911: 11 is 1911, 10 is 2010.
        {{ to_bank_date(
            "(left(birth_number, 2) || lpad((written_month % 50)::text, 2, '0') || right(birth_number, 2))", 1911
        ) }} as date_of_birth,
        null::timestamptz as recorded_at,
        batch_date,
        file_id,
        row_number,
        content_hash
    from read

),

final as (
    {{ latest_version('typed', ['date_of_birth', 'gender']) }}
)

select * from final
