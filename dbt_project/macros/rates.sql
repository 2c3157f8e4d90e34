{#- EUR for one unit of the currency of a relation on a day: the rate whose period holds the day. A plain join that
    Postgres can hash; a search per row would cost seconds per million. -#}
{% macro join_rates(relation, day) -%}
    left join {{ ref('int_rates__periods') }} as rates
        on
            {{ relation }}.currency = rates.currency
            and {{ day }} >= rates.valid_from_date
            and {{ day }} < rates.valid_to_date
{%- endmacro %}
