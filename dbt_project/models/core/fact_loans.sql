with

newest_rates as (
    {{ newest_rates() }}
),

repaid as (
    select
        loan_key,
        count(*) as repayment_count,
        sum(amount) as repaid_amount,
        sum(amount_eur) as repaid_eur,
        max(repayment_date) as last_repayment_date
    from {{ ref('fact_loan_repayments') }}
    where loan_key is not null
    group by loan_key
),

-- The bank does not say what is still owed: nothing of a loan that ended well, else what has not been seen paid. Of one
-- that has left its list, nobody knows: its postings may have left with it.
loans as (
    select
        unioned.*,
        repaid.repayment_count,
        repaid.repaid_amount,
        repaid.repaid_eur,
        repaid.last_repayment_date,
        case
            when unioned.system = 'wealth' then unioned.outstanding_stated
            when unioned.status = 'A' then 0
            when not unioned.is_in_latest_snapshot then null
            else greatest(unioned.amount - coalesce(repaid.repaid_amount, 0), 0)
        end as outstanding_amount
    from (
        select
            *,
            md5(system || '/' || loan_id) as loan_key
        from {{ ref('int_loans__unioned') }}
    ) as unioned
    left join repaid on unioned.loan_key = repaid.loan_key
)

select
    loans.loan_key,
    loans.account_key,
    accounts.customer_key,
    loans.system,
    loans.loan_id,
    loans.loan_kind,
    md5(loans.product_id) as product_key,
    loans.granted_date,
    {{ start_of_day('loans.granted_date') }} as occurred_at,
    {{ date_key('loans.granted_date') }} as date_key,
    loans.amount,
    loans.currency,
    round(loans.amount * rates.eur_per_unit, 2) as amount_eur,
    loans.duration_months::integer as duration_months,
    loans.monthly_payment,
    round(loans.monthly_payment * newest_rates.eur_per_unit, 2) as monthly_payment_eur,
    loans.interest_rate_pct,
    loans.planned_end_date,
    loans.status,
    loans.status_meaning,
    loans.is_running,
    loans.is_in_default,
    coalesce(loans.repayment_count, 0)::integer as repayment_count,
    case
        when loans.repayment_count > 0 then loans.repaid_amount
        when loans.system <> 'bank' or coalesce(loans.is_in_latest_snapshot, true) then 0
    end as repaid_amount,
    case
        when loans.repayment_count > 0 then loans.repaid_eur
        when loans.system <> 'bank' or coalesce(loans.is_in_latest_snapshot, true) then 0
    end as repaid_eur,
    loans.last_repayment_date,
    loans.outstanding_amount,
    round(loans.outstanding_amount * newest_rates.eur_per_unit, 2) as outstanding_eur,
    loans.property_kind,
    loans.location_area,
    loans.asset_value,
    round(loans.asset_value * newest_rates.eur_per_unit, 2) as asset_value_eur,
    loans.number_of_assets::integer as number_of_assets,
    loans.car_price,
    round(loans.car_price * newest_rates.eur_per_unit, 2) as car_price_eur,
    loans.car_segment,
    loans.last_action_date,
    loans.is_in_latest_snapshot,
    loans.known_since_date,
    loans.batch_date,
    loans.file_id,
    loans.row_number
from loans
left join {{ ref('dim_account') }} as accounts on loans.account_key = accounts.account_key
left join newest_rates on loans.currency = newest_rates.currency
{{ join_rates('loans', 'loans.granted_date') }}
