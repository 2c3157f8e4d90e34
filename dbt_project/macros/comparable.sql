{#- The records of one relation in the columns that all systems share: those that are listed keep their names, a named
    argument gives a shared column an expression of the relation's, every other one is null. The customer id is that of
    the crm unless it is said otherwise. A record without a name takes no part in the model: `links_by_id_only`. -#}
{% macro comparable(system, entity, relation, columns=[], links_by_id_only=false) -%}
    {%- set types = {
        'claimed_customer_id': 'text', 'full_name': 'text', 'first_name': 'text', 'last_name': 'text', 'email': 'text',
        'phone': 'text', 'date_of_birth': 'date', 'birth_year': 'integer', 'gender': 'text', 'address_line': 'text',
        'city': 'text', 'postcode': 'text', 'country': 'text', 'occupation': 'text',
    } -%}
    {%- for name in columns + kwargs.keys() | list if name not in types -%}
        {{ exceptions.raise_compiler_error(system ~ '/' ~ entity ~ ': ' ~ name ~ ' is no column that systems share') }}
    {%- endfor -%}
    select
        record_id,
        '{{ system }}' as system,
        '{{ entity }}' as entity,
        source_key,
        batch_date,
        recorded_at,
        first_seen_date,
        file_id,
        row_number,
        {%- for name, type in types.items() %}
        {% if name in columns -%} {{ name }}
        {%- elif name in kwargs -%} {{ kwargs[name] }} as {{ name }}
        {%- elif name == 'claimed_customer_id' -%} customer_id_crm as claimed_customer_id
        {%- else -%} null::{{ type }} as {{ name }}
        {%- endif -%},
        {%- endfor %}
        {{ links_by_id_only }} as links_by_id_only
    from {{ relation }}
{%- endmacro %}
