{{ config(tags=['marts']) }}

with

as_of as (select max(batch_date) as as_of_date from {{ source('ops', 'build_files') }}),

-- Of kinds that a customer holds several times, the one with the highest value speaks where only one can.
credit_cards as (
    select
        customer_key,
        count(*) filter (where product = 'platinum') as platinum_card_count,
        count(*) filter (where product = 'diamond') as diamond_card_count,
        count(*) filter (where product = 'gold') as gold_card_count,
        count(*) filter (where product = 'silver') as silver_card_count,
        count(*) filter (where product = 'shopping') as shopping_card_count,
        count(*) filter (where product = 'auto') as auto_card_count,
        sum(credit_limit_eur) as credit_limit_eur,
        sum(amount_eur) as credit_usage_eur,
        sum(credit_available_eur) as credit_available_eur,
        sum(spending_eur) as credit_spending_eur,
        sum(points)::bigint as credit_points,
        (
            array_agg(spending_segment order by spending_eur desc nulls last, account_key asc)
            filter (where spending_segment is not null)
        )[1] as credit_segment,
        (
            array_agg(payment_behaviour order by amount_eur desc nulls last, account_key asc)
            filter (where payment_behaviour is not null)
        )[1] as credit_type,
        max(last_action_date) as credit_last_action_date
    from {{ ref('fact_holdings') }}
    where holding_family = 'credit_card' and is_in_latest_snapshot and status is distinct from 'closed'
    group by customer_key
),

cards as (
    select
        cards.customer_key, count(*) filter (where cards.system = 'bank') as bank_card_count,
        min(cards.expiry_date) filter (where cards.expiry_date >= as_of.as_of_date) as next_card_expiry_date
    from {{ ref('fact_card_issues') }} as cards
    cross join as_of
    where cards.is_in_latest_snapshot
    group by cards.customer_key
)

select
    customers.customer_key,
    coalesce(credit_cards.platinum_card_count, 0) as platinum_card_count,
    coalesce(credit_cards.diamond_card_count, 0) as diamond_card_count,
    coalesce(credit_cards.gold_card_count, 0) as gold_card_count,
    coalesce(credit_cards.silver_card_count, 0) as silver_card_count,
    coalesce(credit_cards.shopping_card_count, 0) as shopping_card_count,
    coalesce(credit_cards.auto_card_count, 0) as auto_card_count,
    credit_cards.credit_limit_eur,
    credit_cards.credit_usage_eur,
    credit_cards.credit_available_eur,
    credit_cards.credit_spending_eur,
    credit_cards.credit_points,
    credit_cards.credit_segment,
    credit_cards.credit_type,
    credit_cards.credit_last_action_date,
    coalesce(cards.bank_card_count, 0) as bank_card_count,
    cards.next_card_expiry_date
from {{ ref('dim_customer') }} as customers
left join credit_cards on customers.customer_key = credit_cards.customer_key
left join cards on customers.customer_key = cards.customer_key
