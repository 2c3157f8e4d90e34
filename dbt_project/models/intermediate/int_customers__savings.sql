{{ config(tags=['marts']) }}

-- Accounts at other lenders (bureau) are told as risk, and are no part of what a customer holds here. Finance delivers
-- no balances: its accounts count as flows.
with

as_of as (select max(batch_date) as as_of_date from {{ source('ops', 'build_files') }}),

rates as (
    {{ newest_rates() }}
),

accounts as (
    select
        customer_key,
        count(*) filter (where account_type in ('current', 'savings', 'term_deposit')) as deposit_account_count,
        count(distinct account_type) filter (where account_type <> 'shop') as product_family_count,
        string_agg(distinct account_type, ',' order by account_type) as account_types
    from {{ ref('dim_account') }}
    where system <> 'bureau' and is_delivered and status is distinct from 'closed'
    group by customer_key
),

-- A present balance at the rate of today, as loans are, and not of the day of its last posting; of accounts that the
-- bank still lists.
bank as (
    select balances.customer_key, sum(round(balances.balance * rates.eur_per_unit, 2)) as bank_balance_eur
    from {{ ref('fact_balances') }} as balances
    inner join {{ ref('dim_account') }} as accounts
        on balances.account_key = accounts.account_key and accounts.is_delivered
    left join rates on balances.currency = rates.currency
    where balances.valid_to_date is null and balances.basis = 'posted'
    group by balances.customer_key
),

flows as (
    select
        balances.customer_key, sum(balances.inflow_eur) as inflow_12_months_eur,
        sum(balances.outflow_eur) as outflow_12_months_eur
    from {{ ref('fact_balances') }} as balances
    cross join as_of
    where {{ in_last_year('balances.balance_date') }}
    group by balances.customer_key
),

deposits as (
    select
        customer_key,
        sum(amount_eur) as wealth_deposits_eur,
        count(*) filter (where product = 'sa_esaving') as esaving_count,
        count(*) filter (where product = 'sa_supersaving') as supersaving_count,
        count(*) filter (where product = 'ca_dailyflow') as dailyflow_count,
        count(*) filter (where product = 'fda_5yplan') as plan_5y_count,
        count(*) filter (where product = 'fda_7yplan') as plan_7y_count,
        count(*) filter (where product = 'fda_10yplan') as plan_10y_count,
        max(last_action_date) as deposit_last_action_date,
        min(opened_date) as deposit_opened_date
    from {{ ref('fact_holdings') }}
    where holding_family = 'deposit' and is_in_latest_snapshot and status is distinct from 'closed'
    group by customer_key
),

-- As with holdings, what counts is the newest list of the wealth arm.
registrations as (
    select crosswalk.customer_key, min(clients.registered_date) as wealth_registered_date
    from {{ ref('stg_wealth__clients') }} as clients
    inner join {{ source('identity', 'crosswalk') }} as crosswalk on clients.record_id = crosswalk.record_id
    where clients.is_in_latest_snapshot
    group by crosswalk.customer_key
),

standing_orders as (
    select customer_key, count(*) as standing_order_count, sum(amount_eur) as standing_orders_eur
    from {{ ref('fact_standing_orders') }}
    where is_in_latest_snapshot
    group by customer_key
)

select
    customers.customer_key,
    accounts.account_types,
    coalesce(accounts.product_family_count, 0) as product_family_count,
    coalesce(accounts.deposit_account_count, 0) as deposit_account_count,
    case
        when bank.bank_balance_eur is not null or deposits.wealth_deposits_eur is not null
            then coalesce(bank.bank_balance_eur, 0) + coalesce(deposits.wealth_deposits_eur, 0)
    end as deposits_eur,
    coalesce(deposits.esaving_count, 0) as esaving_count,
    coalesce(deposits.supersaving_count, 0) as supersaving_count,
    coalesce(deposits.dailyflow_count, 0) as dailyflow_count,
    coalesce(deposits.plan_5y_count, 0) as plan_5y_count,
    coalesce(deposits.plan_7y_count, 0) as plan_7y_count,
    coalesce(deposits.plan_10y_count, 0) as plan_10y_count,
    deposits.deposit_last_action_date,
    deposits.deposit_opened_date,
    registrations.wealth_registered_date,
    coalesce(standing_orders.standing_order_count, 0) as standing_order_count,
    standing_orders.standing_orders_eur,
    flows.inflow_12_months_eur,
    flows.outflow_12_months_eur
from {{ ref('dim_customer') }} as customers
left join accounts on customers.customer_key = accounts.customer_key
left join bank on customers.customer_key = bank.customer_key
left join flows on customers.customer_key = flows.customer_key
left join deposits on customers.customer_key = deposits.customer_key
left join registrations on customers.customer_key = registrations.customer_key
left join standing_orders on customers.customer_key = standing_orders.customer_key
