{{ config(tags=['marts']) }}

select distinct on (account_id_bank)
    account_id_bank,
    client_id_bank,
    'bank/clients/' || client_id_bank as record_id
from {{ ref('stg_bank__dispositions') }}
where disposition_type = 'owner' and account_id_bank is not null
order by account_id_bank asc, last_seen_date desc, length(client_id_bank) asc, client_id_bank asc
