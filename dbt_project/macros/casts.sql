{#- Casts that give null for a value that cannot be read; the raw gate has reported it by then. Words that Postgres
    reads as a time of the clock (`today`, `now`) are no values. -#}
{% macro to_date(text) -%}
    case
        when ({{ text }}) ~ '^\d{4}-\d{2}-\d{2}' and pg_input_is_valid(left(({{ text }}), 10), 'date')
            then left(({{ text }}), 10)::date
    end
{%- endmacro %}

{#- A time that names no zone is UTC, as every contract says, whatever the zone of the server. -#}
{% macro to_timestamp(text) -%}
    case
        when not (({{ text }}) ~ '^\d{4}-\d{2}-\d{2}' and pg_input_is_valid(({{ text }}), 'timestamptz')) then null
        when substr(({{ text }}), 11) ~ '[A-SU-Za-su-z+-]' then ({{ text }})::timestamptz
        else ({{ text }})::timestamp at time zone 'UTC'
    end
{%- endmacro %}

{% macro to_number(text, type='numeric') -%}
    case
        when ({{ text }}) ~ '^-?[0-9.]+$' and pg_input_is_valid(({{ text }}), '{{ type }}')
            then ({{ text }})::{{ type }}
    end
{%- endmacro %}

{% macro to_json(text) -%}
    case when pg_input_is_valid(({{ text }}), 'jsonb') then ({{ text }})::jsonb end
{%- endmacro %}

{#- Days of the Czech bank: YYMMDD of the twentieth century. -#}
{% macro to_bank_date(text) -%}
    case
        when ({{ text }}) ~ '^\d{6}' and pg_input_is_valid('19' || left(({{ text }}), 6), 'date')
            then ('19' || left(({{ text }}), 6))::date
    end
{%- endmacro %}

{% macro blank_to_null(text) -%} nullif(trim(({{ text }})), '') {%- endmacro %}
