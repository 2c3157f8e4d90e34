{#- The Czech words of the bank, in English. A word that is not listed gives null; the raw gate tells of it, since the
    contract allows the same words. -#}
{% macro bank_purpose(word) -%}
    case {{ word }}
        when 'POJISTNE' then 'insurance'
        when 'SIPO' then 'household'
        when 'LEASING' then 'leasing'
        when 'UVER' then 'loan'
        when 'DUCHOD' then 'pension'
        when 'UROK' then 'interest'
        when 'SANKC. UROK' then 'penalty_interest'
        when 'SLUZBY' then 'statement_fee'
    end
{%- endmacro %}

{% macro bank_operation(word) -%}
    case {{ word }}
        when 'VYBER KARTOU' then 'card_withdrawal'
        when 'VYBER' then 'cash_withdrawal'
        when 'VKLAD' then 'cash_deposit'
        when 'PREVOD Z UCTU' then 'transfer_in'
        when 'PREVOD NA UCET' then 'transfer_out'
    end
{%- endmacro %}

{% macro bank_frequency(word) -%}
    case {{ word }}
        when 'POPLATEK MESICNE' then 'monthly'
        when 'POPLATEK TYDNE' then 'weekly'
        when 'POPLATEK PO OBRATU' then 'after_transaction'
    end
{%- endmacro %}
