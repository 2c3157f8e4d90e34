{{ config(tags=['marts']) }}

with

holdings as (
    select
        customer_key,
        sum(amount_eur) filter (where holding_family = 'fund') as funds_eur,
        sum(profit_and_loss_eur) as funds_profit_and_loss_eur,
        count(*) filter (where holding_family = 'fund') as fund_count,
        string_agg(distinct fund_name, ', ' order by fund_name) as fund_names,
        round(
            sum(risk_score * amount_eur) filter (where holding_family = 'fund')
            / nullif(sum(amount_eur) filter (where holding_family = 'fund' and risk_score is not null), 0), 1
        ) as funds_risk_score,
        sum(cover_eur) filter (where product = 'life') as life_cover_eur,
        sum(cover_eur) filter (where product = 'health') as health_cover_eur,
        sum(premium_eur) as insurance_premium_eur,
        sum(tax_benefit_eur) as tax_benefit_eur,
        count(*) filter (where holding_family = 'insurance') as policy_count
    from {{ ref('fact_holdings') }}
    where holding_family in ('fund', 'insurance') and is_in_latest_snapshot and status is distinct from 'closed'
    group by customer_key
)

select
    customers.customer_key,
    coalesce(holdings.fund_count, 0) as fund_count,
    holdings.fund_names,
    holdings.funds_eur,
    holdings.funds_profit_and_loss_eur,
    holdings.funds_risk_score,
    coalesce(holdings.policy_count, 0) as policy_count,
    holdings.life_cover_eur,
    holdings.health_cover_eur,
    holdings.insurance_premium_eur,
    holdings.tax_benefit_eur
from {{ ref('dim_customer') }} as customers
left join holdings on customers.customer_key = holdings.customer_key
