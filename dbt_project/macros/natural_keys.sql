{#- Keys of systems that number nothing: a hash of the fields that stay the same from extract to extract, and after it
    the number of the record among those of its file that are equal in them, counted in `order`. So equal records of one
    file are as many records, and a file that comes twice adds none. -#}
{% macro natural_key(fields) -%}
    md5(concat_ws('|', {% for field in fields %}coalesce({{ field }}, '-'){{ ', ' if not loop.last }}{% endfor %}))
{%- endmacro %}

{% macro numbered_key(natural_key, order) -%}
    {{ natural_key }} || '-' || row_number() over (
        partition by file_id, {{ natural_key }} order by {{ order }}, row_number
    )
{%- endmacro %}
