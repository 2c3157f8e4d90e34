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
    followed by the name of one. No time is before the first day or after the last one of Python in every zone; one that
    is absent is none, though `least` and `greatest` would give it the last day. -#}
{% macro to_timestamp(text) -%}
    case
        when
            (
                ({{ text }}) ~ '^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?!.*[Bb][Cc])'
                and pg_input_is_valid(({{ text }}), 'timestamptz')
            ) is not true then null
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

{#- Days of the bank: YYMMDD, with or without a time. Two digits are a year of the hundred from `first_year` on: 1970 to
    2069 as everywhere in Postgres, so that the raw gate reads the same days. -#}
{% macro to_bank_date(text, first_year=1970) -%}
    {%- set place = "mod(left(" ~ text ~ ", 2)::integer - " ~ first_year ~ " + 2000, 100)" -%}
    {%- set year = "(" ~ first_year ~ " + " ~ place ~ ")::text" -%}
    case
        when ({{ text }}) ~ '^\d{6}( \d{2}:\d{2}:\d{2})?$' then
            case
                when pg_input_is_valid({{ year }} || substr({{ text }}, 3), 'timestamp')
                    then ({{ year }} || substr({{ text }}, 3, 4))::date
            end
    end
{%- endmacro %}

{% macro blank_to_null(text) -%} nullif(trim(({{ text }})), '') {%- endmacro %}

{% macro to_boolean(text) -%}
    case when ({{ text }}) ~* '^(true|1|yes)$' then true when ({{ text }}) ~* '^(false|0|no)$' then false end
{%- endmacro %}
