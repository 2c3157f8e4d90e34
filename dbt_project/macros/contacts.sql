{#- The record of a person whom a system knows by contact details only: a hash of them, so that events with equal
    details share one record; null where there are none. -#}
{% macro contact_record_id(system, details) -%}
    case
        when coalesce(
            {%- for detail in details %} {{ blank_to_null(detail) }}{{ ',' if not loop.last }}{% endfor %}
        ) is not null
            then '{{ system }}/contacts/' || md5(concat_ws(
                '|'
                {%- for detail in details %}, coalesce({{ blank_to_null(detail) }}, '-'){% endfor %}
            ))
    end
{%- endmacro %}
