select
    md5('bureau/' || months.source_key) as payment_month_key,
    crosswalk.customer_key,
    'bureau'::text as system,
    months.file_number_bureau,
    months.month_start_date,
    {{ start_of_day('months.month_start_date') }} as occurred_at,
    {{ date_key('months.month_start_date') }} as date_key,
    months.payment_status,
    months.days_late::integer as days_late,
    months.amount_due,
    months.currency,
    round(months.amount_due * rates.eur_per_unit, 2) as amount_due_eur,
    months.first_seen_date as known_since_date,
    months.batch_date,
    months.file_id,
    months.row_number
from {{ ref('stg_bureau__payment_months') }} as months
left join {{ source('identity', 'crosswalk') }} as crosswalk on months.record_id = crosswalk.record_id
{{ join_rates('months', 'months.month_start_date') }}
