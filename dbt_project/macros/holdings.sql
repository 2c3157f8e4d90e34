{#- One family of the wealth arm's holdings in the columns that all families share: those that are listed keep their
    names, every other one is null. What is owed turns the sign of the balance. -#}
{% macro holdings(entity, family, product, columns=[], owed=false) -%}
    {%- set types = {
        'iban_token': 'text', 'card_token': 'text', 'inflow': 'numeric', 'outflow': 'numeric',
        'interest_rate_pct': 'numeric', 'maturity_date': 'date', 'fund_code': 'text', 'fund_name': 'text',
        'units': 'numeric', 'profit_and_loss': 'numeric', 'risk_score': 'bigint', 'premium': 'numeric',
        'cover': 'numeric', 'tax_benefit': 'numeric', 'principal': 'numeric', 'instalment': 'numeric',
        'property_kind': 'text', 'location_area': 'text', 'asset_value': 'numeric', 'number_of_assets': 'bigint',
        'car_price': 'numeric', 'car_segment': 'text', 'credit_limit': 'numeric', 'credit_available': 'numeric',
        'spending': 'numeric', 'points': 'bigint', 'payment_behaviour': 'text', 'spending_segment': 'text',
    } -%}
    {%- for name in columns if name not in types -%}
        {{ exceptions.raise_compiler_error(entity ~ ': ' ~ name ~ ' is no column of a holding') }}
    {%- endfor -%}
    select
        record_id,
        holding_id_wealth,
        '{{ family }}' as holding_family,
        {{ product }} as product,
        'wealth/{{ 'cards' if entity == 'card_accounts' else entity }}/' || {{ product }} as product_id,
        balance as amount,
        {{ '-balance' if owed else 'balance' }} as balance,
        currency,
        opened_date,
        last_action_date,
        status,
        {%- for name, type in types.items() %}
        {% if name in columns -%} {{ name }} {%- else -%} null::{{ type }} as {{ name }} {%- endif -%},
        {%- endfor %}
        is_in_latest_snapshot,
        first_seen_date as known_since_date,
        batch_date,
        file_id,
        row_number
    from {{ ref('stg_wealth__' ~ entity) }}
{%- endmacro %}
