{{ config(tags=['marts']) }}

with

-- A loan that ended unpaid is still owed, as long as the bank has it in its books.
known_loans as (
    select
        *,
        is_running or (is_in_default and is_in_latest_snapshot) as is_owed
    from {{ ref('fact_loans') }}
),

loans as (
    select
        loans.customer_key,
        count(*) filter (where loans.is_running) as running_loan_count,
        sum(loans.outstanding_eur) filter (where loans.is_owed) as loans_outstanding_eur,
        sum(loans.outstanding_eur) filter (
            where loans.loan_kind = 'mortgage' and loans.is_owed
        ) as mortgage_outstanding_eur,
        sum(loans.outstanding_eur) filter (where loans.loan_kind = 'auto' and loans.is_owed)
            as auto_loan_outstanding_eur,
        sum(loans.outstanding_eur) filter (
            where loans.loan_kind not in ('mortgage', 'auto') and loans.is_owed
        ) as personal_loan_outstanding_eur,
        sum(loans.monthly_payment_eur) filter (where loans.is_running) as loan_payments_month_eur,
        sum(loans.monthly_payment_eur) filter (where loans.loan_kind = 'auto' and loans.is_running)
            as auto_loan_payment_eur,
        string_agg(distinct loans.property_kind, ',' order by loans.property_kind) filter (where loans.is_running)
            as mortgage_assets,
        string_agg(distinct loans.location_area, ',' order by loans.location_area) filter (where loans.is_running)
            as mortgage_areas,
        sum(loans.asset_value_eur) filter (where loans.is_running) as mortgage_asset_value_eur,
        sum(loans.number_of_assets) filter (where loans.is_running)::bigint as mortgage_asset_count,
        max(loans.car_price_eur) filter (where loans.is_running) as car_price_eur,
        string_agg(distinct loans.car_segment, ',' order by loans.car_segment) filter (where loans.is_running)
            as car_segments,
        count(*) filter (where loans.is_in_default) as defaulted_loan_count
    from known_loans as loans
    group by loans.customer_key
),

debts as (
    select customer_key, sum(amount_eur) as debt_eur, max(debt_years) as debt_years
    from {{ ref('fact_debts') }}
    where is_in_latest_snapshot
    group by customer_key
)

select
    customers.customer_key,
    coalesce(loans.running_loan_count, 0) as running_loan_count,
    loans.loans_outstanding_eur,
    loans.mortgage_outstanding_eur,
    loans.auto_loan_outstanding_eur,
    loans.personal_loan_outstanding_eur,
    loans.loan_payments_month_eur,
    loans.auto_loan_payment_eur,
    loans.mortgage_assets,
    loans.mortgage_areas,
    loans.mortgage_asset_value_eur,
    loans.mortgage_asset_count,
    loans.car_price_eur,
    loans.car_segments,
    coalesce(loans.defaulted_loan_count, 0) as defaulted_loan_count,
    debts.debt_eur,
    debts.debt_years
from {{ ref('dim_customer') }} as customers
left join loans on customers.customer_key = loans.customer_key
left join debts on customers.customer_key = debts.customer_key
