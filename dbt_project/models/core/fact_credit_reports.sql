select
    md5('bureau/' || reports.source_key) as credit_report_key,
    crosswalk.customer_key,
    'bureau'::text as system,
    reports.file_number_bureau,
    reports.version_number::integer as version_number,
    reports.batch_date as valid_from_date,
    reports.valid_to_date,
    reports.valid_to_date is null as is_current,
    reports.recorded_at as occurred_at,
    {{ date_key(utc_day('reports.recorded_at')) }} as date_key,
    reports.credit_score::integer as credit_score,
    reports.open_credit_lines::integer as open_credit_lines,
    reports.total_credit_limit,
    reports.total_credit_used,
    reports.currency,
    round(reports.total_credit_limit * rates.eur_per_unit, 2) as total_credit_limit_eur,
    round(reports.total_credit_used * rates.eur_per_unit, 2) as total_credit_used_eur,
    reports.utilisation_pct,
    reports.defaults_5_years::integer as defaults_5_years,
    reports.enquiries_12_months::integer as enquiries_12_months,
    reports.oldest_line_date,
    reports.first_seen_date as known_since_date,
    reports.batch_date,
    reports.file_id,
    reports.row_number
from {{ ref('stg_bureau__credit_report_versions') }} as reports
left join {{ source('identity', 'crosswalk') }} as crosswalk on reports.record_id = crosswalk.record_id
{{ join_rates('reports', 'reports.batch_date') }}
