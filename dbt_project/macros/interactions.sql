{#- One kind of contact in the columns that all kinds share: those that are listed keep their names, a named argument
    gives a shared column an expression, every other one is null. -#}
{% macro interaction(system, entity, columns=[]) -%}
    {%- set types = {
        'interaction_type': 'text', 'channel': 'text', 'direction': 'text', 'category': 'text', 'topic': 'text',
        'priority': 'text', 'status': 'text', 'resolution': 'text', 'first_response_at': 'timestamptz',
        'resolved_at': 'timestamptz', 'agent': 'text', 'duration_s': 'bigint', 'wait_s': 'bigint', 'page': 'text',
        'sentiment': 'text', 'satisfaction_score': 'bigint', 'satisfaction_pct': 'numeric', 'ticket_id': 'text',
        'order_id': 'text', 'product_id': 'text', 'store_id': 'text', 'branch': 'text',
        'campaign_id': 'text', 'amount': 'numeric', 'currency': 'text', 'interaction_text': 'text',
    } -%}
    {%- for name in columns + kwargs.keys() | list if name not in types and name not in ('record_id', 'occurred_at') -%}
        {{ exceptions.raise_compiler_error(system ~ '/' ~ entity ~ ': ' ~ name ~ ' is no column of a contact') }}
    {%- endfor -%}
    '{{ system }}' as system,
    '{{ entity }}' as entity,
    source_key,
    {{ kwargs.get('record_id', 'record_id') ~ (' as record_id' if 'record_id' in kwargs else '') }},
    {{ kwargs.get('occurred_at', 'recorded_at') }} as occurred_at,
    {%- for name, type in types.items() %}
    {% if name in columns -%} {{ name }}
    {%- elif name in kwargs -%} {{ kwargs[name] ~ (' as ' ~ name if kwargs[name] != name else '') }}
    {%- else -%} null::{{ type }} as {{ name }}
    {%- endif -%},
    {%- endfor %}
    first_seen_date as known_since_date,
    batch_date,
    file_id,
    row_number
{%- endmacro %}
