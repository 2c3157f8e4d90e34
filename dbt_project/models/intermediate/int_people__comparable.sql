{{ config(tags=['stage']) }}

with

crm as (
    select
        record_id, 'crm' as system, 'customers' as entity, source_key, batch_date, recorded_at,
        first_seen_date, file_id, row_number, customer_id_crm as claimed_customer_id,
        null::text as full_name, first_name, last_name, email, phone, date_of_birth,
        null::integer as birth_year, gender, address_line, city, postcode, country, occupation
    from {{ ref('stg_crm__customers') }}
),

finance as (
    select
        record_id, 'finance' as system, 'accounts' as entity, source_key, batch_date, recorded_at,
        first_seen_date, file_id, row_number, customer_id_crm as claimed_customer_id,
        full_name, null::text as first_name, null::text as last_name, email,
        phone, date_of_birth, null::integer as birth_year, null::text as gender, null::text as address_line,
        null::text as city, postcode, null::text as country, null::text as occupation
    from {{ ref('stg_finance__accounts') }}
),

demographics as (
    select
        record_id, 'demographics' as system, 'customers' as entity, source_key, batch_date, recorded_at,
        first_seen_date, file_id, row_number, customer_id_crm as claimed_customer_id,
        full_name, null::text as first_name, null::text as last_name,
        null::text as email, null::text as phone, null::date as date_of_birth, birth_year, gender, address_line, city,
        postcode, country, occupation
    from {{ ref('stg_demographics__customers') }}
),

-- Interactions with the same contact details are one record: that of the newest delivery, known since the first.
service as (
    select distinct on (record_id)
        record_id, 'service' as system, 'contacts' as entity, split_part(record_id, '/', 3) as source_key, batch_date,
        recorded_at, min(first_seen_date) over (partition by record_id) as first_seen_date, file_id, row_number,
        customer_id_crm as claimed_customer_id, full_name, null::text as first_name,
        null::text as last_name, email, phone, date_of_birth, null::integer as birth_year, null::text as gender,
        null::text as address_line, null::text as city, postcode, null::text as country, null::text as occupation
    from {{ ref('stg_service__interactions') }}
    order by record_id asc, batch_date desc, recorded_at desc nulls last, file_id desc, row_number desc
),

usage as (
    select
        record_id, 'usage' as system, 'product_usage' as entity, source_key, batch_date, recorded_at,
        first_seen_date, file_id, row_number, customer_id_crm as claimed_customer_id,
        full_name, null::text as first_name, null::text as last_name, email,
        null::text as phone, date_of_birth, null::integer as birth_year, null::text as gender,
        null::text as address_line, null::text as city, postcode, null::text as country, null::text as occupation
    from {{ ref('stg_usage__product_usage') }}
),

{% if env_var('BANK_DATA', '') != '' %}
    bank as (
        select
            record_id, 'bank' as system, 'clients' as entity, source_key, batch_date, recorded_at,
            first_seen_date, file_id, row_number,
            null::text as claimed_customer_id, null::text as full_name, null::text as first_name,
            null::text as last_name, null::text as email, null::text as phone, date_of_birth,
            null::integer as birth_year, gender,
            null::text as address_line, null::text as city, null::text as postcode, 'CZ'::text as country,
            null::text as occupation
        from {{ ref('stg_bank__clients') }}
    ),
{% endif %}

unioned as (
    select * from crm
    union all
    select * from finance
    union all
    select * from demographics
    union all
    select * from service
    union all
    select * from usage
    {% if env_var('BANK_DATA', '') != '' %}
        union all
        select * from bank
    {% endif %}
)

select
    unioned.*,
    unioned.system = 'bank' as links_by_id_only
from unioned
