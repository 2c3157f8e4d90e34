with

accounts as (select * from {{ ref('int_accounts__unioned') }}),

dispositions as (
    select
        *,
        {{ is_in_latest_snapshot('bank', 'dispositions') }} as is_in_latest_snapshot
    from {{ ref('stg_bank__dispositions') }}
),

rights as (
    select
        md5('bank/' || dispositions.disposition_id_bank) as account_customer_key,
        md5('bank/' || dispositions.account_id_bank) as account_key,
        'bank/clients/' || dispositions.client_id_bank as record_id,
        'bank' as system,
        dispositions.disposition_id_bank,
        dispositions.disposition_type as role,
        clients.district_id_bank,
        dispositions.is_in_latest_snapshot,
        dispositions.batch_date,
        dispositions.file_id,
        dispositions.row_number
    from dispositions
    left join {{ ref('stg_bank__clients') }} as clients on dispositions.client_id_bank = clients.client_id_bank

    union all

    select
        account_key as account_customer_key, accounts.account_key, record_id, system, null as disposition_id_bank,
        'holder' as role, null as district_id_bank, is_delivered as is_in_latest_snapshot, batch_date, file_id,
        row_number
    from accounts
    where system <> 'bank'
)

select
    rights.account_customer_key,
    rights.account_key,
    crosswalk.customer_key,
    rights.system,
    rights.role,
    rights.disposition_id_bank,
    districts.district_key,
    rights.record_id,
    rights.is_in_latest_snapshot,
    rights.batch_date,
    rights.file_id,
    rights.row_number
from rights
left join {{ source('identity', 'crosswalk') }} as crosswalk on rights.record_id = crosswalk.record_id
left join {{ ref('dim_district') }} as districts on rights.district_id_bank = districts.district_id_bank
