with

customers as (select * from {{ ref('customer_360') }}),

-- Former ones are identifiers, too: that of the newest delivery counts, of several the one known longest.
ids as (
    select
        customer_key,
        (
            array_agg(identifier order by last_seen_date desc, first_seen_date asc, identifier asc)
            filter (where kind = 'user_id')
        )[1] as user_id,
        (
            array_agg(identifier order by last_seen_date desc, first_seen_date asc, identifier asc)
            filter (where kind = 'loyalty_number')
        )[1] as member_id
    from {{ ref('customer_identifiers') }}
    group by customer_key
),

payments as (
    select
        transactions.customer_key,
        sum(transactions.spend_eur) filter (where transactions.payment_method = 'card') as spend_by_card_eur,
        sum(transactions.spend_eur) filter (where transactions.payment_method = 'paypal') as spend_by_gateway_eur,
        sum(transactions.spend_eur) filter (where transactions.payment_method = 'mobile') as spend_by_mobile_eur,
        sum(transactions.spend_eur) filter (where transactions.payment_method = 'bank_transfer')
            as spend_by_transfer_eur,
        sum(transactions.spend_eur) filter (where transactions.payment_method = 'cash') as spend_in_cash_eur,
        sum(transactions.spend_eur) filter (where transactions.payment_method in ('voucher', 'gift_card'))
            as spend_by_voucher_eur,
        sum(transactions.spend_eur) filter (
            where transactions.payment_method is null
            or transactions.payment_method not in (
                'card', 'paypal', 'mobile', 'bank_transfer', 'cash', 'voucher', 'gift_card'
            )
        ) as spend_other_method_eur,
        sum(transactions.amount_eur) filter (where transactions.transaction_type = 'top_up') as top_ups_eur
    from {{ ref('fact_transactions') }} as transactions
    inner join customers on transactions.customer_key = customers.customer_key
    where {{ in_last_year(utc_day('transactions.occurred_at'), 'customers.as_of_date') }}
    group by transactions.customer_key
),

postings as (
    select
        postings.customer_key,
        sum(postings.amount_eur) filter (where postings.purpose in ('household', 'insurance', 'leasing'))
            as bill_payments_eur,
        sum(postings.amount_eur) filter (where postings.operation = 'transfer_out') as transfers_eur,
        sum(postings.amount_eur) filter (where postings.operation in ('cash_withdrawal', 'card_withdrawal'))
            as cash_withdrawals_eur
    from {{ ref('fact_bank_postings') }} as postings
    inner join customers on postings.customer_key = customers.customer_key
    where
        postings.is_in_latest_snapshot and postings.change < 0
        and {{ in_last_year('postings.posting_date', 'customers.as_of_date') }}
    group by postings.customer_key
)

select
    customers.customer_key,
    ids.user_id,
    ids.member_id,
    nullif(concat_ws(' ', customers.first_name, customers.last_name), '') as full_name,
    customers.date_of_birth,
    customers.age,
    customers.age - customers.age % 10 || 's' as age_group,
    customers.gender,
    customers.phone,
    customers.email,
    customers.occupation,
    customers.employer,
    customers.family_status as marital_status,
    customers.education_level,
    customers.dependants,
    locations.full_address,
    customers.city,
    customers.country,
    customers.household_key,
    indicators.income_eur,
    indicators.income_basis,
    finances.deposits_eur as total_balance_eur,
    finances.deposit_account_count as account_count,
    finances.esaving_count as sa_esaving,
    finances.supersaving_count as sa_supersaving,
    finances.dailyflow_count as ca_dailyflow,
    finances.plan_5y_count as fda_5yplan,
    finances.plan_7y_count as fda_7yplan,
    finances.plan_10y_count as fda_10yplan,
    finances.deposit_last_action_date as dp_last_action_date,
    coalesce(finances.wealth_registered_date, finances.deposit_opened_date) as reg_date,
    finances.credit_segment as cr_segment,
    finances.credit_type,
    finances.credit_available_eur,
    finances.credit_usage_eur,
    finances.credit_limit_eur,
    finances.credit_spending_eur,
    finances.credit_points,
    finances.platinum_card_count as cr_platinum_card,
    finances.diamond_card_count as cr_diamond_card,
    finances.gold_card_count as cr_gold_card,
    finances.silver_card_count as cr_silver_card,
    finances.shopping_card_count as cr_shopping_card,
    finances.auto_card_count as cr_auto_card,
    finances.credit_last_action_date as cr_last_action_date,
    finances.bank_card_count,
    finances.next_card_expiry_date,
    finances.running_loan_count,
    finances.loans_outstanding_eur,
    finances.loan_payments_month_eur,
    finances.personal_loan_outstanding_eur,
    finances.auto_loan_outstanding_eur,
    finances.auto_loan_payment_eur,
    finances.car_price_eur,
    finances.car_segments,
    finances.mortgage_outstanding_eur,
    finances.mortgage_assets,
    finances.mortgage_areas,
    finances.mortgage_asset_value_eur,
    finances.mortgage_asset_count,
    finances.bureau_credit_limit_eur as credit_line_eur,
    finances.open_credit_lines,
    finances.oldest_line_date,
    finances.fund_count,
    finances.fund_names,
    finances.funds_eur,
    finances.funds_profit_and_loss_eur,
    finances.funds_risk_score,
    finances.policy_count,
    finances.life_cover_eur,
    finances.health_cover_eur,
    finances.insurance_premium_eur,
    finances.tax_benefit_eur,
    finances.inflow_12_months_eur,
    finances.outflow_12_months_eur,
    finances.inflow_12_months_eur - finances.outflow_12_months_eur as net_flow_12_months_eur,
    finances.standing_order_count,
    finances.standing_orders_eur,
    coalesce(payments.spend_by_card_eur, 0) as spend_by_card_eur,
    coalesce(payments.spend_by_gateway_eur, 0) as spend_by_gateway_eur,
    coalesce(payments.spend_by_mobile_eur, 0) as spend_by_mobile_eur,
    coalesce(payments.spend_by_transfer_eur, 0) as spend_by_transfer_eur,
    coalesce(payments.spend_in_cash_eur, 0) as spend_in_cash_eur,
    coalesce(payments.spend_by_voucher_eur, 0) as spend_by_voucher_eur,
    coalesce(payments.spend_other_method_eur, 0) as spend_other_method_eur,
    coalesce(postings.bill_payments_eur, 0) as bill_payments_eur,
    coalesce(payments.top_ups_eur, 0) as top_ups_eur,
    coalesce(postings.transfers_eur, 0) as transfers_eur,
    coalesce(postings.cash_withdrawals_eur, 0) as cash_withdrawals_eur,
    contacts.branch_contact_count,
    contacts.last_branch_contact_at,
    contacts.web_visit_count,
    contacts.last_web_visit_at,
    contacts.page_view_count,
    contacts.click_count,
    contacts.promotion_view_count,
    contacts.search_count,
    contacts.search_terms,
    contacts.content_view_count,
    contacts.content_duration_s,
    contacts.device_types,
    contacts.email_open_count,
    contacts.email_click_count,
    contacts.last_engaged_at,
    contacts.engaged_brands,
    customers.last_attributed_campaign as last_campaign,
    indicators.net_wealth_eur,
    indicators.wealth_score,
    indicators.income_score,
    indicators.married_score_pct,
    indicators.married_evidence_count,
    indicators.age_score_pct,
    indicators.foreigner_score_pct,
    indicators.foreigner_evidence_count,
    customers.as_of_date
from customers
inner join {{ ref('dim_customer') }} as golden on customers.customer_key = golden.customer_key
left join {{ ref('dim_location') }} as locations on golden.location_key = locations.location_key
left join {{ ref('int_customers__finances') }} as finances on customers.customer_key = finances.customer_key
left join {{ ref('int_customers__contacts') }} as contacts on customers.customer_key = contacts.customer_key
left join {{ ref('int_customers__indicators') }} as indicators on customers.customer_key = indicators.customer_key
left join ids on customers.customer_key = ids.customer_key
left join payments on customers.customer_key = payments.customer_key
left join postings on customers.customer_key = postings.customer_key
