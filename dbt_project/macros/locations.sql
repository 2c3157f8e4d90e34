{#- The key of an address in dim_location. Whatever has an address refers to it by this: customers, stores, accounts. The
    country is in the form of core, UK for GB. -#}
{% macro location_key(country, city, postcode, address_line='null', region='null') -%}
    md5(concat_ws(
        '|',
        coalesce({{ country }}, ''),
        coalesce({{ region }}, ''),
        coalesce({{ city }}, ''),
        coalesce({{ postcode }}, ''),
        coalesce({{ address_line }}, '')
    ))
{%- endmacro %}

{#- A line of an address as identity standardises it, but for mojibake: white space made single, empty as null. -#}
{% macro address_text(text) -%} nullif(trim(regexp_replace({{ text }}, '\s+', ' ', 'g')), '') {%- endmacro %}

{#- The country of core: an ISO 3166 alpha-2 code, but UK for the United Kingdom. -#}
{% macro published_country(code) -%} case when {{ code }} = 'GB' then 'UK' else {{ code }} end {%- endmacro %}

{#- The country of a district of the bank: the regions of the Czech bank say it, others do not. -#}
{% macro district_country(region) -%} case when {{ region }} ~ '(^Prague|Bohemia|Moravia)$' then 'CZ' end {%- endmacro %}

{#- The key of an address as a record states it, beside those of people that identity has standardised; null where
    nothing is stated. dim_location writes such addresses in the same way. -#}
{% macro stated_location_key(address_line, city, postcode, country) -%}
    case
        when coalesce(
            {{ address_text(address_line) }}, {{ address_text(city) }}, {{ address_text(postcode) }},
            {{ address_text(country) }}
        ) is not null
            then {{ location_key(
                published_country("upper(" ~ address_text(country) ~ ")"), address_text(city),
                "upper(" ~ address_text(postcode) ~ ")", address_text(address_line)
            ) }}
    end
{%- endmacro %}
