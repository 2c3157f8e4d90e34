{#- A fifth of all customers in words, from the place of one among them (0 to 1). -#}
{% macro band(place) -%}
    case
        when {{ place }} < 0.2 then 'Lower'
        when {{ place }} < 0.4 then 'Lower Middle'
        when {{ place }} < 0.6 then 'Middle'
        when {{ place }} < 0.8 then 'Upper Middle'
        when {{ place }} >= 0.8 then 'Upper'
    end
{%- endmacro %}
