with

as_of as (select max(batch_date) as as_of_date from {{ source('ops', 'build_files') }}),

accounts as (select * from {{ ref('dim_account') }}),

customers as (
    select
        customer_key,
        nullif(concat_ws(' ', first_name, last_name), '') as full_name
    from {{ ref('dim_customer') }}
),

-- Who else has a right: a client who owns and may use the same account counts as its owner only.
others as (
    select
        rights.account_key,
        string_agg(rights.customer_key::text, ',' order by rights.customer_key) as joint_customer_keys,
        string_agg(coalesce(customers.full_name, '?'), ', ' order by rights.customer_key) as joint_names,
        string_agg(rights.role, ',' order by rights.customer_key) as joint_roles
    from (
        select
            bridge.account_key,
            bridge.customer_key,
            max(bridge.role) as role
        from {{ ref('bridge_account_customers') }} as bridge
        inner join accounts on bridge.account_key = accounts.account_key
        where
            bridge.is_in_latest_snapshot
            and bridge.customer_key is distinct from accounts.customer_key
            and bridge.customer_key is not null
        group by bridge.account_key, bridge.customer_key
    ) as rights
    left join customers on rights.customer_key = customers.customer_key
    group by rights.account_key
),

movements as (
    select
        balances.account_key,
        sum(balances.movement_count) as movement_count,
        sum(balances.inflow) as inflow,
        sum(balances.outflow) as outflow,
        sum(balances.inflow_eur) as inflow_eur,
        sum(balances.outflow_eur) as outflow_eur,
        sum(balances.inflow_eur) filter (where {{ in_last_year('balances.balance_date') }}) as inflow_12_months_eur,
        sum(balances.outflow_eur) filter (where {{ in_last_year('balances.balance_date') }}) as outflow_12_months_eur,
        min(balances.balance_date) filter (where balances.inflow > 0 or balances.outflow > 0) as first_movement_date,
        max(balances.balance_date) filter (where balances.inflow > 0 or balances.outflow > 0) as last_movement_date,
        min(balances.balance) as lowest_balance,
        -- A balance holds until the next one. What movements add up to (finance) is no balance.
        coalesce(sum(
            least(coalesce(balances.valid_to_date, as_of.as_of_date + 1), as_of.as_of_date + 1)
            - balances.balance_date
        ) filter (where balances.balance < 0 and balances.balance_date <= as_of.as_of_date), 0) as days_below_zero,
        bool_or(balances.basis in ('posted', 'stated')) as has_balance
    from {{ ref('fact_balances') }} as balances
    cross join as_of
    group by balances.account_key
),

latest as (
    select *
    from {{ ref('fact_balances') }}
    where valid_to_date is null
),

-- What was bought with the account: on a card of finance, in the online shop, with a loyalty card at a till.
purchases as (
    select
        account_key,
        count(distinct coalesce(order_id, transaction_id)) filter (where spend_eur > 0) as purchase_count,
        sum(spend_eur) as spend_eur,
        max(occurred_at) filter (where spend_eur > 0) as last_purchase_at
    from {{ ref('fact_transactions') }}
    where account_key is not null and spend_eur is not null
    group by account_key
),

-- Nothing is owed of a loan that the newest list has no more.
loans as (
    select
        account_key,
        count(*) as loan_count,
        count(*) filter (where is_running) as running_loan_count,
        sum(amount) as loan_amount,
        sum(amount_eur) as loan_amount_eur,
        sum(repaid_amount) as loan_repaid_amount,
        sum(repaid_eur) as loan_repaid_eur,
        sum(outstanding_amount) filter (where is_in_latest_snapshot) as loan_outstanding_amount,
        sum(outstanding_eur) filter (where is_in_latest_snapshot) as loan_outstanding_eur,
        string_agg(distinct status_meaning, '; ' order by status_meaning) as loan_states,
        bool_or(is_in_default) as has_loan_in_default
    from {{ ref('fact_loans') }}
    group by account_key
),

cards as (
    select
        account_key,
        count(*) as card_count,
        string_agg(distinct card_type, ',' order by card_type) as card_types
    from {{ ref('fact_card_issues') }}
    where account_key is not null and is_in_latest_snapshot
    group by account_key
),

orders as (
    select
        account_key,
        count(*) as standing_order_count,
        sum(amount) as standing_order_amount,
        string_agg(distinct purpose, ',' order by purpose) as standing_order_purposes
    from {{ ref('fact_standing_orders') }}
    where account_key is not null and is_in_latest_snapshot
    group by account_key
)

select
    accounts.account_key,
    accounts.system,
    accounts.account_id,
    accounts.account_type,
    accounts.product,
    accounts.status,
    accounts.opened_date,
    accounts.closed_date,
    as_of.as_of_date - accounts.opened_date as age_days,
    accounts.customer_key,
    owners.full_name as owner_name,
    others.joint_customer_keys,
    others.joint_names,
    others.joint_roles,
    others.account_key is not null as is_joint,
    districts.district_name,
    districts.region,
    districts.average_salary_czk as district_average_salary_czk,
    accounts.statement_frequency,
    accounts.lender,
    accounts.payment_methods,
    accounts.tier,
    accounts.points,
    accounts.currency,
    latest.balance,
    latest.balance_eur,
    latest.balance_date,
    latest.basis as balance_basis,
    coalesce(latest.credit_limit, accounts.credit_limit) as credit_limit,
    movements.lowest_balance,
    case
        when accounts.account_type in ('current', 'savings') and movements.has_balance then movements.days_below_zero
    end as days_with_overdraft,
    coalesce(movements.movement_count, 0)::bigint as movement_count,
    movements.inflow,
    movements.outflow,
    movements.inflow_eur,
    movements.outflow_eur,
    movements.inflow_12_months_eur,
    movements.outflow_12_months_eur,
    movements.first_movement_date,
    movements.last_movement_date,
    coalesce(purchases.purchase_count, 0) as purchase_count,
    coalesce(purchases.spend_eur, 0) as spend_eur,
    purchases.last_purchase_at,
    coalesce(loans.loan_count, 0) as loan_count,
    coalesce(loans.running_loan_count, 0) as running_loan_count,
    loans.loan_amount,
    loans.loan_amount_eur,
    loans.loan_repaid_amount,
    loans.loan_repaid_eur,
    loans.loan_outstanding_amount,
    loans.loan_outstanding_eur,
    loans.loan_states,
    loans.has_loan_in_default,
    coalesce(cards.card_count, 0) as card_count,
    cards.card_types,
    coalesce(orders.standing_order_count, 0) as standing_order_count,
    orders.standing_order_amount,
    orders.standing_order_purposes,
    as_of.as_of_date
from accounts
cross join as_of
left join customers as owners on accounts.customer_key = owners.customer_key
left join {{ ref('dim_district') }} as districts on accounts.district_key = districts.district_key
left join others on accounts.account_key = others.account_key
left join movements on accounts.account_key = movements.account_key
left join latest on accounts.account_key = latest.account_key
left join purchases on accounts.account_key = purchases.account_key
left join loans on accounts.account_key = loans.account_key
left join cards on accounts.account_key = cards.account_key
left join orders on accounts.account_key = orders.account_key
