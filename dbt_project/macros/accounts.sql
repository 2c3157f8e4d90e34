{#- The accounts of one system in the columns that all systems share: a named argument gives the column an expression of
    the relation's, every other one is null. Batch date, file, row and first day are taken from the relation. -#}
{% macro accounts(system, relation, account_id, is_delivered='true', first_seen='first_seen_date') -%}
    {%- set types = {
        'account_type': 'text', 'product': 'text', 'product_id': 'text', 'currency': 'text', 'opened_date': 'date',
        'closed_date': 'date', 'status': 'text', 'district_id_bank': 'text', 'statement_frequency': 'text', 'lender': 'text',
        'payment_methods': 'text', 'iban_token': 'text', 'card_token': 'text', 'credit_limit': 'numeric',
        'credit_score': 'bigint', 'points': 'bigint', 'tier': 'text', 'home_store_id': 'text',
        'last_login_at': 'timestamptz', 'shipping_location_key': 'text',
    } -%}
    {%- for name in kwargs if name not in types -%}
        {{ exceptions.raise_compiler_error(system ~ ': ' ~ name ~ ' is no column that accounts share') }}
    {%- endfor -%}
    select
        md5('{{ system }}/' || {{ account_id }}) as account_key,
        '{{ system }}' as system,
        {{ account_id }} as account_id,
        record_id,
        {%- for name, type in types.items() %}
        {{ kwargs[name] if name in kwargs else 'null::' ~ type }} as {{ name }},
        {%- endfor %}
        {{ first_seen }} as first_seen_date,
        {{ is_delivered }} as is_delivered,
        batch_date,
        file_id,
        row_number
    from {{ relation }}
{%- endmacro %}
