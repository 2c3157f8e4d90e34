-- A balance holds until the next one of its account, so days on which nothing was stated have no row.
with

accounts as (select * from {{ ref('dim_account') }}),

-- The last posting of a day, and what the day brought; without postings that the bank has removed.
bank_days as (
    select distinct on (account_key, posting_date)
        account_key,
        posting_date as balance_date,
        'posted' as basis,
        balance_after as amount,
        balance_after as balance,
        currency,
        sum(change) filter (where change > 0) over account_days as inflow,
        -sum(change) filter (where change < 0) over account_days as outflow,
        count(*) over account_days as movement_count,
        min(known_since_date) over account_days as known_since_date,
        batch_date,
        file_id,
        row_number
    from {{ ref('fact_bank_postings') }}
    where is_in_latest_snapshot and account_key is not null and posting_date is not null
    window account_days as (partition by account_key, posting_date)
    order by account_key asc, posting_date asc, posting_number desc nulls last, transaction_key asc
),

wealth_days as (
    select
        md5('wealth/' || holding_id_wealth) as account_key,
        batch_date as balance_date,
        'stated' as basis,
        amount,
        balance,
        currency,
        inflow,
        outflow,
        credit_limit,
        known_since_date,
        batch_date,
        file_id,
        row_number
    from {{ ref('int_holdings__unioned') }}
),

-- Finance delivers movements, and no balance: what they add up to since the first one that is known.
finance_movements as (
    select
        md5('finance/' || transactions.account_id_finance) as account_key,
        (transactions.recorded_at at time zone 'UTC')::date as balance_date,
        accounts.currency,
        round(
            case
                when transactions.currency = accounts.currency then transactions.amount
                else transactions.amount * rates.eur_per_unit / account_rates.eur_per_unit
            end
            * case
                when transactions.transaction_type in ('deposit', 'refund') then 1
                when transactions.transaction_type in ('purchase', 'withdrawal', 'top_up', 'fee') then -1
            end, 2
        ) as change,
        transactions.source_key,
        transactions.first_seen_date as known_since_date,
        transactions.batch_date,
        transactions.file_id,
        transactions.row_number
    from {{ ref('stg_finance__transactions') }} as transactions
    inner join accounts on accounts.system = 'finance' and transactions.account_id_finance = accounts.account_id
    {{ join_rates('transactions', "(transactions.recorded_at at time zone 'UTC')::date") }}
    left join {{ ref('int_rates__periods') }} as account_rates
        on
            accounts.currency = account_rates.currency
            and (transactions.recorded_at at time zone 'UTC')::date >= account_rates.valid_from_date
            and (transactions.recorded_at at time zone 'UTC')::date < account_rates.valid_to_date
    where transactions.recorded_at is not null
),

finance_days as (
    select distinct on (account_key, balance_date)
        account_key,
        balance_date,
        'accumulated' as basis,
        sum(change) over (partition by account_key order by balance_date) as balance,
        currency,
        sum(change) filter (where change > 0) over account_days as inflow,
        -sum(change) filter (where change < 0) over account_days as outflow,
        count(*) over account_days as movement_count,
        min(known_since_date) over account_days as known_since_date,
        batch_date,
        file_id,
        row_number
    from finance_movements
    window account_days as (partition by account_key, balance_date)
    order by account_key asc, balance_date asc, batch_date desc, source_key desc
),

unioned as (
    select
        account_key, balance_date, basis, amount, balance, currency, coalesce(inflow, 0) as inflow,
        coalesce(outflow, 0) as outflow, movement_count, null::numeric as credit_limit, known_since_date,
        batch_date, file_id, row_number
    from bank_days
    union all
    select
        account_key, balance_date, basis, amount, balance, currency, inflow, outflow, null as movement_count,
        credit_limit, known_since_date, batch_date, file_id, row_number
    from wealth_days
    union all
    select
        account_key, balance_date, basis, balance as amount, finance_days.balance, currency,
        coalesce(inflow, 0) as inflow, coalesce(outflow, 0) as outflow, movement_count, null as credit_limit,
        known_since_date, batch_date, file_id, row_number
    from finance_days
    union all
    select
        md5('bureau/' || account_ref_bureau) as account_key, balance_date, 'stated' as basis, balance as amount,
        balances.balance, currency, null as inflow, null as outflow, null as movement_count, credit_limit,
        first_seen_date as known_since_date, batch_date, file_id, row_number
    from {{ ref('stg_bureau__balances') }} as balances
    where balance_date is not null
    union all
    select
        md5('pos/' || loyalty_number_pos) as account_key, batch_date as balance_date, 'points' as basis,
        card_points as amount, points.card_points as balance, null as currency, null as inflow, null as outflow,
        null as movement_count, null as credit_limit, first_seen_date as known_since_date,
        points.batch_date, file_id, row_number
    from {{ ref('stg_pos__member_points') }} as points
)

select
    md5(unioned.account_key || '/' || unioned.balance_date) as balance_key,
    unioned.account_key,
    accounts.customer_key,
    accounts.system,
    unioned.balance_date,
    {{ start_of_day('unioned.balance_date') }} as occurred_at,
    {{ date_key('unioned.balance_date') }} as date_key,
    lead(unioned.balance_date) over (partition by unioned.account_key order by unioned.balance_date) as valid_to_date,
    unioned.basis,
    unioned.amount,
    unioned.balance,
    unioned.currency,
    round(unioned.balance * rates.eur_per_unit, 2) as balance_eur,
    unioned.inflow,
    unioned.outflow,
    round(unioned.inflow * rates.eur_per_unit, 2) as inflow_eur,
    round(unioned.outflow * rates.eur_per_unit, 2) as outflow_eur,
    unioned.movement_count,
    unioned.credit_limit,
    unioned.known_since_date,
    unioned.batch_date,
    unioned.file_id,
    unioned.row_number
from unioned
left join accounts on unioned.account_key = accounts.account_key
{{ join_rates('unioned', 'unioned.balance_date') }}
