{#- Casts that give null for a value that cannot be read. They read exactly what the `type` rule of the raw gate lets
    pass (a test runs both over the same values), so what becomes null has been counted there. Words that Postgres reads
    as a time of the clock (`today`, `now`) are no values. -#}
{#- No day is before the second one of Python, as no time is: west of Greenwich the first would begin a day earlier. -#}
{% macro to_date(text) -%}
    case
        when ({{ text }}) ~ '^\d{4}-\d{2}-\d{2}(?!.*[Bb][Cc])' and pg_input_is_valid(({{ text }}), 'date')
            then greatest(left(({{ text }}), 10)::date, '0001-01-02')
    end
{%- endmacro %}

{#- A time that names no zone is UTC, as every contract says, whatever the zone of the server: only such a time may be
    followed by the name of one. No time is before the first day or after the last one of Python in every zone. -#}
{% macro to_timestamp(text) -%}
    case
        when
            not (
                ({{ text }}) ~ '^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?!.*[Bb][Cc])'
                and pg_input_is_valid(({{ text }}), 'timestamptz')
            ) then null
        when pg_input_is_valid(({{ text }}) || ' UTC', 'timestamptz')
            then greatest(least((({{ text }}) || ' UTC')::timestamptz, '9999-12-31 00:00:00+00'), '0001-01-02 00:00:00+00')
        else greatest(least(({{ text }})::timestamptz, '9999-12-31 00:00:00+00'), '0001-01-02 00:00:00+00')
    end
{%- endmacro %}

{% macro to_integer(text) -%}
    case
        when ({{ text }}) ~ '^\s*-?\d+\s*$' and pg_input_is_valid(({{ text }}), 'bigint') then ({{ text }})::bigint
    end
{%- endmacro %}

{% macro to_number(text) -%}
    case
        when ({{ text }}) ~ '^\s*-?\d+(\.\d+)?\s*$' and pg_input_is_valid(({{ text }}), 'numeric')
            then ({{ text }})::numeric
    end
{%- endmacro %}

{% macro to_json(text) -%}
    case when pg_input_is_valid(({{ text }}), 'jsonb') then ({{ text }})::jsonb end
{%- endmacro %}

{#- Days of the Czech bank: YYMMDD of the twentieth century, with or without a time. -#}
{% macro to_bank_date(text) -%}
    case
        when ({{ text }}) ~ '^\d{6}( \d{2}:\d{2}:\d{2})?$' and pg_input_is_valid('19' || ({{ text }}), 'timestamp')
            then ('19' || left(({{ text }}), 6))::date
    end
{%- endmacro %}

{% macro blank_to_null(text) -%} nullif(trim(({{ text }})), '') {%- endmacro %}
