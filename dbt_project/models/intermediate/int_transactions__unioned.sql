{{ config(tags=['marts']) }}

select
    'finance' as system, source_key as transaction_id, record_id, account_id_finance as account_id,
    recorded_at as occurred_at, transaction_type, amount, currency, product_id, channel, batch_date,
    file_id, row_number
from {{ ref('stg_finance__transactions') }}
{% if env_var('BANK_DATA', '') != '' %}
    union all
    select
        'bank' as system, transactions.transaction_id_bank as transaction_id,
        'bank/clients/' || owners.client_id_bank as record_id, transactions.account_id_bank as account_id,
        transactions.transaction_date::timestamp at time zone 'UTC' as occurred_at, transactions.transaction_type,
        transactions.amount, 'CZK' as currency, null as product_id, transactions.operation as channel,
        transactions.batch_date, transactions.file_id, transactions.row_number
    from {{ ref('stg_bank__transactions') }} as transactions
    left join {{ ref('stg_bank__dispositions') }} as owners
        on transactions.account_id_bank = owners.account_id_bank and owners.disposition_type = 'owner'
{% endif %}
