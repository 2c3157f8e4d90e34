{{ config(tags=['marts']) }}

with

as_of as (select max(batch_date) as as_of_date from {{ source('ops', 'build_files') }}),

reports as (
    select distinct on (customer_key)
        customer_key, credit_score as bureau_score, defaults_5_years, enquiries_12_months, utilisation_pct,
        total_credit_limit_eur as bureau_credit_limit_eur, open_credit_lines, oldest_line_date
    from {{ ref('fact_credit_reports') }}
    where is_current
    order by customer_key asc, occurred_at desc nulls last, batch_date desc, file_number_bureau asc
),

payment_months as (
    select
        months.customer_key,
        count(*) filter (where months.payment_status = 'late') as late_month_count,
        count(*) filter (where months.payment_status = 'missed') as missed_month_count,
        sum(months.amount_due_eur) filter (where months.payment_status = 'missed') as missed_eur,
        max(months.days_late) as most_days_late
    from {{ ref('fact_payment_months') }} as months
    cross join as_of
    where {{ in_last_year('months.month_start_date') }}
    group by months.customer_key
)

select
    customers.customer_key,
    reports.bureau_score,
    reports.defaults_5_years,
    reports.enquiries_12_months,
    reports.open_credit_lines,
    reports.utilisation_pct,
    reports.bureau_credit_limit_eur,
    reports.oldest_line_date,
    coalesce(payment_months.late_month_count, 0) as late_month_count,
    coalesce(payment_months.missed_month_count, 0) as missed_month_count,
    payment_months.missed_eur,
    payment_months.most_days_late
from {{ ref('dim_customer') }} as customers
left join reports on customers.customer_key = reports.customer_key
left join payment_months on customers.customer_key = payment_months.customer_key
