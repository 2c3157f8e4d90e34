{#- Free text without numbers of cards (their last four digits stay) and, where it speaks of one, without security
    codes: the plain cases of include/landing/masking.py, for text that comes beside other columns. It errs on the side
    of masking, as that does. -#}
{% macro mask_text(text) -%}
    {%- set separator = "[\\s.\\-]{0,2}" -%}
    {%- set card = "(?<![+\\d])\\d(?:" ~ separator ~ "\\d){8,}" ~ (separator ~ "(\\d)") * 4 ~ "(?!\\d)" -%}
    {%- set speaks = "security\\W{0,3}(?:code|number|digit)|cv[vc]2?|\\mcsc\\M|digits on the back|\\mpin\\M"
        ~ "|card\\W{0,3}(?:verification|validation|code|pin)" -%}
    {%- set code = "\\d(?:[ \\-]?\\d){2,3}(?![\\d%])(?![.,/\\-]\\d)" -%}
    {%- set without_card = "regexp_replace(" ~ text ~ ", '" ~ card ~ "', '[card number ending \\1\\2\\3\\4]', 'g')" -%}
    case
        when {{ text }} ~* '{{ speaks }}'
            then regexp_replace(
                regexp_replace(
                    {{ without_card }}, '((?:{{ speaks }})\D{0,20})(?<!card number ending )\d(?:[ \-]?\d){2,3}(?!\d)',
                    '\1[security code withheld]', 'gi'
                ),
                '(?<!card number ending )(?<![\d.,£$€/+\-]){{ code }}', '[security code withheld]', 'g'
            )
        else {{ without_card }}
    end
{%- endmacro %}

{#- An address of a page without what may tell of a person: a log-in before the host, what stands behind a #, parts of the
    path that hold an e-mail address, numbers of cards, and the values of all parameters but those that the variable
    `kept_url_parameters` names, where these are plain words without a long number. The names of the others
    stay; a bare value, which may look like a name without a value, goes whole. -#}
{% macro mask_url(address) -%}
    {%- set name = "[\\w.\\[\\]-]{1,40}=" -%}
    {%- set word = "[\\w.~%+-]*" -%}
    {%- set at = "(?:@|%(?:25)*40)" -%}
    {%- set plain = "(?!" ~ word ~ "(?:" ~ at ~ "|\\d{9}))" ~ word ~ "(?:[&;]|$)" -%}
    {%- set kept = "(?:" ~ var('kept_url_parameters') | join('|') ~ ")=" ~ plain -%}
    case
        when {{ address }} ~ '[?#@;]|%(?:25)*40|\d[\d\s.\-]{12}' then
            regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
                {{ mask_text(address) }},
                '#.*$', ''),
                '^([a-z][a-z0-9+.-]*://)[^/?]*@', '\1', 'i'),
                '([?&;])(?!{{ name }}[^=&;])[^&;]*', '\1', 'g'),
                '([?&;](?!{{ kept }}){{ name }})[^&;]*', '\1', 'gi'),
                '[^/?&;=]*{{ at }}[^/?&;=]*', '[address withheld]', 'gi')
        else {{ address }}
    end
{%- endmacro %}
