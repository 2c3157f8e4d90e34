{#- Whether a day belongs to the twelve months that end with the newest batch, the same everywhere: as_of_date is their
    last day, and a day after it is a mistake. -#}
{% macro in_last_year(day, as_of_date='as_of.as_of_date') -%}
    {{ day }} > ({{ as_of_date }} - interval '1 year')::date and {{ day }} <= {{ as_of_date }}
{%- endmacro %}
