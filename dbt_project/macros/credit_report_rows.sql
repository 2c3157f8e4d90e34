{#- The released reports of the credit bureau, typed, for both models that are made of them. -#}
{% macro credit_report_rows() -%}
select
    {{ blank_to_null('file_number') }} as source_key,
    'bureau/credit_reports/' || {{ blank_to_null('file_number') }} as record_id,
    {{ blank_to_null('file_number') }} as file_number_bureau,
    {{ blank_to_null('client_id') }} as client_id_bank,
    {{ tokenise('national_id', 'national_id') }} as national_id_token,
    {{ blank_to_null('full_name') }} as full_name,
    {{ to_date('birth_date') }} as date_of_birth,
    {{ blank_to_null('postcode') }} as postcode,
    {{ to_integer('score') }} as credit_score,
    {{ to_integer('open_credit_lines') }} as open_credit_lines,
    {{ to_number('total_credit_limit') }} as total_credit_limit,
    {{ to_number('total_credit_used') }} as total_credit_used,
    {{ blank_to_null('utilisation_currency') }} as currency,
    {{ to_number('utilisation_pct') }} as utilisation_pct,
    {{ to_integer('defaults') }} as defaults_5_years,
    {{ to_integer('enquiries_12_months') }} as enquiries_12_months,
    {{ to_date('oldest_line_date') }} as oldest_line_date,
    {{ to_timestamp('reported_at') }} as recorded_at,
    batch_date,
    file_id,
    row_number,
    content_hash
from released
{%- endmacro %}
