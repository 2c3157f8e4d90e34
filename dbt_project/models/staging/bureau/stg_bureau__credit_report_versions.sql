with

released as (
    {{ released('bureau', 'credit_reports') }}
),

typed as (
    {{ credit_report_rows() }}
),

-- Of two reports of one day the one counts that would be the latest.
dated as (
    select distinct on (source_key, batch_date)
        source_key || '/' || batch_date as source_key,
        record_id,
        file_number_bureau,
        credit_score,
        open_credit_lines,
        total_credit_limit,
        total_credit_used,
        currency,
        utilisation_pct,
        defaults_5_years,
        enquiries_12_months,
        oldest_line_date,
        recorded_at,
        batch_date,
        file_id,
        row_number,
        content_hash
    from typed
    where source_key is not null
    order by
        source_key asc, batch_date asc, recorded_at desc nulls last, content_hash desc, file_id desc, row_number desc
)

select
    dated.*,
    row_number() over by_date as version_number,
    min(dated.batch_date) over (partition by dated.file_number_bureau) as first_seen_date,
    lead(dated.batch_date) over by_date as valid_to_date
from dated
window by_date as (partition by dated.file_number_bureau order by dated.batch_date)
