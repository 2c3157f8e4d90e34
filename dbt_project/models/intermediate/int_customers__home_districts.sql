{{ config(tags=['marts']) }}

-- Of several clients that are one customer the one that the bank has named last counts: who has moved and come back as
-- another client lives where that one does. Of equal ones the lowest number.
with

clients as (
    select * from {{ ref('stg_bank__clients') }}
    where {{ is_in_latest_snapshot('bank', 'clients') }}
)

select distinct on (crosswalk.customer_key)
    crosswalk.customer_key,
    districts.district_name as home_district_name,
    districts.region as home_district_region,
    districts.average_salary_czk as home_district_average_salary_czk,
    districts.unemployment_1996_pct as home_district_unemployment_1996_pct,
    districts.entrepreneurs_per_1000 as home_district_entrepreneurs_per_1000,
    districts.crimes_1996 as home_district_crimes_1996
from clients
inner join {{ source('identity', 'crosswalk') }} as crosswalk on clients.record_id = crosswalk.record_id
inner join {{ ref('dim_district') }} as districts on clients.district_id_bank = districts.district_id_bank
order by
    crosswalk.customer_key asc, clients.first_seen_date desc, length(clients.client_id_bank) asc,
    clients.client_id_bank asc
