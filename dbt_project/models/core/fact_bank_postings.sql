select
    md5('bank/' || postings.transaction_id_bank) as transaction_key,
    accounts.account_key,
    accounts.customer_key,
    'bank'::text as system,
    postings.transaction_date as posting_date,
    {{ start_of_day('postings.transaction_date') }} as occurred_at,
    {{ date_key('postings.transaction_date') }} as date_key,
    postings.posting_number,
    case postings.transaction_type when 'deposit' then postings.amount when 'withdrawal' then -postings.amount end
        as change,
    postings.amount,
    postings.balance as balance_after,
    'CZK'::text as currency,
    round(postings.amount * rates.eur_per_unit, 2) as amount_eur,
    postings.transaction_type,
    {{ bank_operation('postings.operation') }} as operation,
    {{ bank_purpose('postings.purpose') }} as purpose,
    postings.partner_bank,
    postings.partner_account_token,
    postings.is_in_latest_snapshot,
    postings.first_seen_date as known_since_date,
    postings.batch_date,
    postings.file_id,
    postings.row_number
from {{ ref('stg_bank__transactions') }} as postings
left join {{ ref('dim_account') }} as accounts
    on accounts.system = 'bank' and postings.account_id_bank = accounts.account_id
left join {{ ref('int_rates__periods') }} as rates
    on
        rates.currency = 'CZK'
        and postings.transaction_date >= rates.valid_from_date
        and postings.transaction_date < rates.valid_to_date
