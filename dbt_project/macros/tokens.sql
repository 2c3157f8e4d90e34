{#- A number that must not be read after raw, as HMAC-SHA-256 of its letters and digits, with a word for its kind, so that
    a card and an account of the same digits differ. The key comes with the session (include/transform/tokens.py); a
    session without it fails. Spaces, dashes and letter case are notation and not part of the number. -#}
{% macro tokenise(number, kind) -%}
    {%- set plain = "upper(regexp_replace(" ~ number ~ ", '[^[:alnum:]]', '', 'g'))" -%}
    case
        when {{ plain }} <> ''
            then '{{ kind }}_' || encode(sha256(
                decode(current_setting('customer360.token_outer'), 'hex')
                || sha256(
                    decode(current_setting('customer360.token_inner'), 'hex')
                    || convert_to('{{ kind }}:' || {{ plain }}, 'UTF8')
                )
            ), 'hex')
    end
{%- endmacro %}
