{#- Layers are schemas. core and marts are built as <schema>_next by the target `next`, and take the place of the
    published ones once their gate has passed. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- set schema = custom_schema_name or target.schema -%}
    {%- if target.name == 'next' and schema in ('core', 'marts') -%} {{ schema }}_next {%- else -%} {{ schema }} {%- endif -%}
{%- endmacro %}
