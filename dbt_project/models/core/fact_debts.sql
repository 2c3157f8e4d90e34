select
    md5('lending/' || debts.source_key) as debt_key,
    crosswalk.customer_key,
    'lending'::text as system,
    debts.record_id,
    debts.batch_date as debt_date,
    {{ start_of_day('debts.batch_date') }} as occurred_at,
    {{ date_key('debts.batch_date') }} as date_key,
    debts.debt_amount as amount,
    debts.currency,
    round(debts.debt_amount * rates.eur_per_unit, 2) as amount_eur,
    debts.debt_years,
    debts.is_in_latest_snapshot,
    debts.first_seen_date as known_since_date,
    debts.batch_date,
    debts.file_id,
    debts.row_number
from {{ ref('stg_lending__debts') }} as debts
left join {{ source('identity', 'crosswalk') }} as crosswalk on debts.record_id = crosswalk.record_id
{{ join_rates('debts', 'debts.batch_date') }}
