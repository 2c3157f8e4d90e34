{{ config(tags=['marts']) }}

with

-- An account is gone since the file after the last one that had it.
bank_files as (
    select
        batch_date,
        lead(batch_date) over (order by batch_date) as next_batch_date
    from {{ source('ops', 'build_files') }}
    where system = 'bank' and entity = 'accounts'
    group by batch_date
),

bank as (
    select
        accounts.*,
        owners.record_id,
        {{ is_in_latest_snapshot('bank', 'accounts') }} as is_in_latest_snapshot,
        bank_files.next_batch_date as gone_date
    from {{ ref('stg_bank__accounts') }} as accounts
    left join {{ ref('int_bank__owners') }} as owners on accounts.account_id_bank = owners.account_id_bank
    left join bank_files on accounts.last_seen_date = bank_files.batch_date
),

finance_methods as (
    select
        accounts.account_id_finance,
        string_agg(methods.method, ',' order by methods.method) as payment_methods
    from {{ ref('stg_finance__accounts') }} as accounts
    left join lateral jsonb_array_elements_text(
        case when jsonb_typeof(accounts.payment_methods) = 'array' then accounts.payment_methods else '[]'::jsonb end
    ) as methods (method) on true
    group by accounts.account_id_finance
),

finance as (
    select
        accounts.account_id_finance, accounts.record_id, accounts.account_type, accounts.currency,
        accounts.opened_date, accounts.status, accounts.credit_score, accounts.recorded_at, accounts.card_token,
        accounts.first_seen_date, accounts.batch_date, accounts.file_id, accounts.row_number, methods.payment_methods
    from {{ ref('stg_finance__accounts') }} as accounts
    left join finance_methods as methods on accounts.account_id_finance = methods.account_id_finance
),

-- The newest state of each holding, and since when it has been closed or gone from the snapshots.
snapshots as (
    select
        batch_date,
        lead(batch_date) over (order by batch_date) as next_batch_date
    from (select distinct batch_date from {{ ref('int_holdings__unioned') }}) as days
),

holding_days as (
    select
        *,
        min(batch_date) over (partition by holding_id_wealth) as first_seen_date,
        min(batch_date) filter (where status = 'closed') over (partition by holding_id_wealth) as first_closed_date,
        row_number() over (partition by holding_id_wealth order by batch_date desc) as place
    from {{ ref('int_holdings__unioned') }}
),

wealth as (
    select
        holding_days.*,
        snapshots.next_batch_date
    from holding_days
    left join snapshots on holding_days.batch_date = snapshots.batch_date
    where holding_days.place = 1
),

-- A lender does not name the currency every day; an account has the one that was named last.
bureau as (
    select distinct on (account_ref_bureau)
        *,
        first_value(currency) over (
            partition by account_ref_bureau order by currency is null asc, balance_date desc nulls last
        ) as last_currency,
        min(first_seen_date) over (partition by account_ref_bureau) as first_day
    from {{ ref('stg_bureau__balances') }}
    order by account_ref_bureau asc, balance_date desc nulls last
)

{{ accounts(
    'bank', 'bank', 'account_id_bank', is_delivered='is_in_latest_snapshot',
    account_type="'current'", product_id="'bank/accounts/current'", currency="'CZK'", opened_date='opened_date',
    closed_date='gone_date',
    status="case when is_in_latest_snapshot then 'open' else 'closed' end", district_id_bank='district_id_bank',
    statement_frequency=bank_frequency('statement_frequency')
) }}
union all
{{ accounts(
    'finance', 'finance', 'account_id_finance', account_type='account_type',
    product_id="'finance/accounts/' || account_type", currency='currency',
    opened_date='opened_date', closed_date="case when status = 'closed' then (recorded_at at time zone 'UTC')::date end",
    status='status', credit_score='credit_score', payment_methods='payment_methods', card_token='card_token'
) }}
union all
{{ accounts(
    'wealth', 'wealth', 'holding_id_wealth', is_delivered='is_in_latest_snapshot',
    account_type="case
            when holding_family = 'loan' and product = 'mortgage' then 'mortgage'
            when holding_family = 'deposit' and product like 'sa\_%' then 'savings'
            when holding_family = 'deposit' and product like 'ca\_%' then 'current'
            when holding_family = 'deposit' and product like 'fda\_%' then 'term_deposit'
            when holding_family <> 'deposit' then holding_family
        end",
    product='product', product_id='product_id', currency='currency', opened_date='opened_date',
    closed_date="coalesce(first_closed_date, case when not is_in_latest_snapshot then next_batch_date end)",
    status="case when is_in_latest_snapshot then status else 'closed' end", iban_token='iban_token',
    card_token='card_token', credit_limit='credit_limit', points='points'
) }}
union all
{{ accounts(
    'bureau', 'bureau', 'account_ref_bureau', first_seen='first_day', account_type="replace(account_type, ' ', '_')",
    currency='last_currency', lender='lender', credit_limit='credit_limit'
) }}
union all
{{ accounts(
    'pos', ref('stg_pos__members'), 'loyalty_number_pos', account_type="'loyalty'", opened_date='joined_date',
    closed_date="case when status = 'left' then (recorded_at at time zone 'UTC')::date end",
    status="case status when 'active' then 'open' when 'left' then 'closed' end", points='card_points', tier='tier',
    home_store_id='home_store_id_pos'
) }}
union all
{{ accounts(
    'ecommerce', ref('stg_ecommerce__accounts'), 'account_id_ecommerce', is_delivered='not is_deleted',
    account_type="'shop'", opened_date="(registered_at at time zone 'UTC')::date", closed_date='deleted_date',
    last_login_at='last_login_at', shipping_location_key=stated_location_key(
        'shipping_address_line', 'shipping_city', 'shipping_postcode', 'shipping_country'
    ),
    status="case when is_deleted then 'closed' when status = 'active' then 'open' when status = 'blocked' then status end"
) }}
