{#- The released rows of the lending books, typed and with the key of the person, for both models that are made of them.
    Of the account number only its last four characters are part of the key: enough to tell namesakes apart, and nothing
    that a hash would have to hide. -#}
{% macro lending_rows() -%}
    select
        {{ numbered_key(
            'natural_key',
            'card_number collate "C" asc nulls last, age desc nulls last, postcode collate "C" asc nulls last'
        ) }} as source_key,
        rows.*
    from (
        select
            {{ blank_to_null('first_name') }} as first_name,
            {{ blank_to_null('last_name') }} as last_name,
            {{ to_integer('age') }} as age,
            lower({{ blank_to_null('sex') }}) as gender,
            {{ blank_to_null('address') }} as address_line,
            {{ blank_to_null('address_city') }} as city,
            {{ blank_to_null('address_postcode') }} as postcode,
            {{ blank_to_null('iban') }} as iban,
            {{ blank_to_null('credit_card_number') }} as card_number,
            {{ to_date("'20' || right(credit_card_start, 2) || '-' || left(credit_card_start, 2) || '-01'") }}
                as card_valid_from_date,
            {{ to_date("'20' || right(credit_card_expiry, 2) || '-' || left(credit_card_expiry, 2) || '-01'") }}
                as card_expiry_month,
            {{ blank_to_null('debt') }} as debt,
            {{ natural_key([
                blank_to_null('first_name'), blank_to_null('last_name'), "right(" ~ blank_to_null('iban') ~ ", 4)"
            ]) }} as natural_key,
            null::timestamptz as recorded_at,
            batch_date,
            file_id,
            row_number,
            content_hash
        from released
    ) as rows
{%- endmacro %}
