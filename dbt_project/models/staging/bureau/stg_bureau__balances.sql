with

released as (
    {{ released('bureau', 'balances') }}
),

typed as (

    select
        {{ blank_to_null('account_ref') }} || '|' || {{ blank_to_null('balance_date') }} as source_key,
        {{ blank_to_null('account_ref') }} as account_ref_bureau,
        {{ blank_to_null('file_number') }} as file_number_bureau,
        {{ blank_to_null('client_id') }} as client_id_bank,
        {{ tokenise('national_id', 'national_id') }} as national_id_token,
        {{ blank_to_null('lender') }} as lender,
        {{ blank_to_null('account_type') }} as account_type,
        {{ to_date('balance_date') }} as balance_date,
        {{ to_number('balance') }} as balance,
        {{ to_number('credit_limit') }} as credit_limit,
        {{ blank_to_null('currency') }} as currency,
        {{ to_timestamp('reported_at') }} as recorded_at,
        batch_date,
        file_id,
        row_number,
        content_hash
    from released

),

latest as (
    {{ latest_version('typed') }}
),

-- A file that was never delivered names nobody, and gives way to what else the lender told.
by_file_number as (
    select file_number_bureau, record_id
    from {{ ref('stg_bureau__credit_reports') }}
),

-- A number that two files hold says nothing about whose account it is.
by_national_id as (
    select national_id_token, min(record_id) as record_id
    from {{ ref('stg_bureau__credit_reports') }}
    group by national_id_token
    having count(*) = 1
),

by_client_id as (
    select client_id_bank, min(record_id) as record_id
    from {{ ref('stg_bureau__credit_reports') }}
    group by client_id_bank
    having count(*) = 1
)

select
    latest.source_key,
    coalesce(by_file_number.record_id, by_national_id.record_id, by_client_id.record_id) as record_id,
    latest.account_ref_bureau,
    latest.file_number_bureau,
    latest.client_id_bank,
    latest.national_id_token,
    latest.lender,
    latest.account_type,
    latest.balance_date,
    latest.balance,
    latest.credit_limit,
    latest.currency,
    latest.recorded_at,
    latest.batch_date,
    latest.file_id,
    latest.row_number,
    latest.content_hash,
    latest.first_seen_date,
    latest.last_seen_date
from latest
left join by_file_number on latest.file_number_bureau = by_file_number.file_number_bureau
left join by_national_id on latest.national_id_token = by_national_id.national_id_token
left join by_client_id on latest.client_id_bank = by_client_id.client_id_bank
