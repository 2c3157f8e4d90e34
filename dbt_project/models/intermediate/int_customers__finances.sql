{{ config(tags=['marts']) }}

with

vehicles as (
    select
        customer_key, count(*) as vehicle_count, max(vehicle_year) as newest_vehicle_year,
        string_agg(distinct vehicle_make, ', ' order by vehicle_make) as vehicle_makes
    from {{ ref('fact_vehicles_owned') }}
    where is_in_latest_snapshot
    group by customer_key
),

employment as (
    select distinct on (customer_key) customer_key, is_retired, commute_distance_km
    from {{ ref('fact_employment') }}
    where is_in_latest_snapshot
    order by customer_key asc, batch_date desc, record_id asc
)

select
    customers.customer_key,
    savings.account_types,
    savings.product_family_count,
    savings.deposit_account_count,
    savings.deposits_eur,
    savings.esaving_count,
    savings.supersaving_count,
    savings.dailyflow_count,
    savings.plan_5y_count,
    savings.plan_7y_count,
    savings.plan_10y_count,
    savings.deposit_last_action_date,
    savings.deposit_opened_date,
    savings.wealth_registered_date,
    cards.platinum_card_count,
    cards.diamond_card_count,
    cards.gold_card_count,
    cards.silver_card_count,
    cards.shopping_card_count,
    cards.auto_card_count,
    cards.credit_limit_eur,
    cards.credit_usage_eur,
    cards.credit_available_eur,
    cards.credit_spending_eur,
    cards.credit_points,
    cards.credit_segment,
    cards.credit_type,
    cards.credit_last_action_date,
    wealth.fund_count,
    wealth.fund_names,
    wealth.funds_eur,
    wealth.funds_profit_and_loss_eur,
    wealth.funds_risk_score,
    wealth.policy_count,
    wealth.life_cover_eur,
    wealth.health_cover_eur,
    wealth.insurance_premium_eur,
    wealth.tax_benefit_eur,
    loans.running_loan_count,
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
    loans.defaulted_loan_count,
    cards.bank_card_count,
    cards.next_card_expiry_date,
    savings.standing_order_count,
    savings.standing_orders_eur,
    savings.inflow_12_months_eur,
    savings.outflow_12_months_eur,
    loans.debt_eur,
    loans.debt_years,
    credit_history.bureau_score,
    credit_history.defaults_5_years,
    credit_history.enquiries_12_months,
    credit_history.open_credit_lines,
    credit_history.utilisation_pct,
    credit_history.bureau_credit_limit_eur,
    credit_history.oldest_line_date,
    credit_history.late_month_count,
    credit_history.missed_month_count,
    credit_history.missed_eur,
    credit_history.most_days_late,
    coalesce(vehicles.vehicle_count, 0) as vehicle_count,
    vehicles.newest_vehicle_year,
    vehicles.vehicle_makes,
    employment.is_retired,
    employment.commute_distance_km
from {{ ref('dim_customer') }} as customers
inner join {{ ref('int_customers__savings') }} as savings on customers.customer_key = savings.customer_key
inner join {{ ref('int_customers__cards') }} as cards on customers.customer_key = cards.customer_key
inner join {{ ref('int_customers__wealth') }} as wealth on customers.customer_key = wealth.customer_key
inner join {{ ref('int_customers__loans') }} as loans on customers.customer_key = loans.customer_key
inner join {{ ref('int_customers__credit_history') }} as credit_history
    on customers.customer_key = credit_history.customer_key
left join vehicles on customers.customer_key = vehicles.customer_key
left join employment on customers.customer_key = employment.customer_key
