with

released as (
    {{ released('lending', 'people') }}
),

numbered as (
    {{ lending_rows() }}
),

tokenised as (

    select
        *,
        {{ tokenise('iban', 'iban') }} as iban_token,
        {{ tokenise('card_number', 'card') }} as card_token
    from numbered

),

latest as (
    {{ latest_version('tokenised', [
        'first_name', 'last_name', 'gender', 'age', 'address_line', 'city', 'postcode', 'iban_token', 'card_token',
    ]) }}
),

final as (

    select
        source_key,
        'lending/people/' || source_key as record_id,
        first_name,
        last_name,
        age,
        batch_date as age_as_of_date,
        gender,
        address_line,
        city,
        postcode,
        iban_token,
        card_token,
        card_valid_from_date,
        (card_expiry_month + interval '1 month - 1 day')::date as card_valid_until_date,
        debt is not null as has_debt,
        recorded_at,
        batch_date,
        file_id,
        row_number,
        content_hash,
        first_seen_date,
        last_seen_date,
        {{ is_in_latest_snapshot('lending', 'people') }} as is_in_latest_snapshot,
        versions,
        version_since_dates,
        version_until_dates
    from latest

)

select * from final
