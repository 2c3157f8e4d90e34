with

accounts as (select * from {{ ref('dim_account') }}),

-- An account has one loan at a time: a payment is for the newest one that had been granted by then.
bank_payments as (
    select distinct on (postings.transaction_key)
        postings.transaction_key as repayment_key,
        postings.system,
        loans.loan_id,
        postings.account_key,
        postings.customer_key,
        postings.posting_date as repayment_date,
        postings.amount,
        loans.monthly_payment as amount_due,
        postings.currency,
        'paid' as payment_status,
        null::integer as days_late,
        postings.known_since_date,
        postings.batch_date,
        postings.file_id,
        postings.row_number
    from {{ ref('fact_bank_postings') }} as postings
    left join {{ ref('int_loans__unioned') }} as loans
        on
            loans.system = 'bank'
            and postings.account_key = loans.account_key
            and postings.posting_date >= loans.granted_date
    where postings.is_in_latest_snapshot and postings.purpose = 'loan' and postings.transaction_type = 'withdrawal'
    order by postings.transaction_key asc, loans.granted_date desc, loans.loan_id asc
),

-- What is owed less than the day before has been paid.
wealth_days as (
    select
        *,
        lag(amount) over (partition by holding_id_wealth order by batch_date) - amount as paid
    from {{ ref('int_holdings__unioned') }}
    where holding_family = 'loan'
),

unioned as (
    select * from bank_payments

    union all

    select
        md5('wealth/' || wealth_days.holding_id_wealth || '/' || wealth_days.batch_date) as repayment_key,
        'wealth' as system, wealth_days.holding_id_wealth as loan_id, accounts.account_key, accounts.customer_key,
        wealth_days.batch_date as repayment_date, wealth_days.paid as amount, wealth_days.instalment as amount_due,
        wealth_days.currency, 'paid' as payment_status, null as days_late,
        wealth_days.known_since_date, wealth_days.batch_date, wealth_days.file_id, wealth_days.row_number
    from wealth_days
    left join accounts on accounts.system = 'wealth' and wealth_days.holding_id_wealth = accounts.account_id
    where wealth_days.paid > 0

    union all

    select
        payment_month_key as repayment_key, system, null as loan_id, null as account_key, customer_key,
        month_start_date as repayment_date,
        case
            when payment_status in ('paid', 'late') then amount_due
            when payment_status = 'missed' then 0
        end as amount,
        amount_due, currency, payment_status, days_late, known_since_date, batch_date, file_id, row_number
    from {{ ref('fact_payment_months') }}
    where payment_status <> 'nothing due'
)

select
    unioned.repayment_key,
    case when unioned.loan_id is not null then md5(unioned.system || '/' || unioned.loan_id) end as loan_key,
    unioned.account_key,
    unioned.customer_key,
    unioned.system,
    unioned.repayment_date,
    {{ start_of_day('unioned.repayment_date') }} as occurred_at,
    {{ date_key('unioned.repayment_date') }} as date_key,
    unioned.amount,
    unioned.amount_due,
    unioned.currency,
    round(unioned.amount * rates.eur_per_unit, 2) as amount_eur,
    unioned.payment_status,
    unioned.days_late,
    unioned.known_since_date,
    unioned.batch_date,
    unioned.file_id,
    unioned.row_number
from unioned
{{ join_rates('unioned', 'unioned.repayment_date') }}
