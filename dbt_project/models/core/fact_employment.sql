select
    md5('hr/' || employees.source_key) as employment_key,
    crosswalk.customer_key,
    'hr'::text as system,
    employees.record_id,
    {{ start_of_day('employees.first_seen_date') }} as occurred_at,
    {{ date_key('employees.first_seen_date') }} as date_key,
    employees.last_seen_date,
    employees.is_retired,
    employees.company,
    employees.salary,
    employees.pension,
    employees.currency,
    round(
        case when employees.is_retired then employees.pension else employees.salary end * rates.eur_per_unit, 2
    ) as income_eur,
    employees.marital_status,
    employees.dependants::integer as dependants,
    employees.commute_distance_km,
    employees.is_in_latest_snapshot,
    employees.first_seen_date as known_since_date,
    employees.batch_date,
    employees.file_id,
    employees.row_number
from {{ ref('stg_hr__employees') }} as employees
left join {{ source('identity', 'crosswalk') }} as crosswalk on employees.record_id = crosswalk.record_id
{{ join_rates('employees', 'employees.batch_date') }}
