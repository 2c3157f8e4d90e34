{#- The key of a day in the calendar; null for a day outside. The calendar has no gaps, so its two ends say it, once per
    query and not per row. -#}
{% macro date_key(day) -%}
    case
        when {{ day }} between
            (select min(calendar.date_day) from {{ ref('dim_time') }} as calendar)
            and (select max(calendar.date_day) from {{ ref('dim_time') }} as calendar)
            then to_char({{ day }}, 'YYYYMMDD')::integer
    end
{%- endmacro %}

{#- The UTC day of a moment. -#}
{% macro utc_day(moment) -%} ({{ moment }} at time zone 'UTC')::date {%- endmacro %}

{#- The moment at which a day begins, UTC; null for no day. -#}
{% macro start_of_day(day) -%} {{ day }}::timestamp at time zone 'UTC' {%- endmacro %}

{#- The conformed channel that a system's word means: `words.channel_key`, null for a word that nobody has listed. Where
    a system says nothing, that is the word `-`. -#}
{% macro join_channels(relation, word='channel') -%}
    left join {{ ref('int_channels__words') }} as words
        on {{ relation }}.system = words.system and coalesce({{ relation }}.{{ word }}, '-') = words.word
{%- endmacro %}
