{{ config(tags=['stage']) }}

{#- Systems that know nobody by a customer id of the crm; the year of birth of an age, which may be one too late. -#}
{% set nobody = 'null::text' %}
{% set year_of_age = '(extract(year from age_as_of_date) - age)::integer' %}

with

-- Interactions with the same contact details are one record: that of the newest delivery, known since the first.
service_contacts as (
    select distinct on (record_id)
        record_id, split_part(record_id, '/', 3) as source_key, batch_date, recorded_at,
        min(first_seen_date) over (partition by record_id) as first_seen_date, file_id, row_number,
        customer_id_crm, full_name, email, phone, date_of_birth, postcode
    from {{ ref('stg_service__interactions') }}
    order by record_id asc, batch_date desc, recorded_at desc nulls last, file_id desc, row_number desc
),

-- Guests of the shop are known by their orders alone; equal contact details are one guest.
shop_guests as (
    select distinct on (record_id)
        record_id, split_part(record_id, '/', 3) as source_key, batch_date, recorded_at,
        min(first_seen_date) over (partition by record_id) as first_seen_date, file_id, row_number,
        full_name, email, phone, address_line, city, postcode, country
    from {{ ref('stg_ecommerce__orders') }}
    where is_guest_order
    order by record_id asc, batch_date desc, recorded_at desc nulls last, file_id desc, row_number desc
),

-- The bank states no country; the regions of the Czech bank's districts do.
bank_clients as (
    select clients.*, {{ district_country('districts.region') }} as country
    from {{ ref('stg_bank__clients') }} as clients
    left join {{ ref('stg_bank__districts') }} as districts on clients.district_id_bank = districts.district_id_bank
),

-- A receipt without a loyalty card is known by its bank card, where somebody is known to hold that.
pos_cards as (
    select distinct on (receipts.record_id)
        receipts.record_id, receipts.card_token as source_key, receipts.batch_date, receipts.recorded_at,
        min(receipts.first_seen_date) over (partition by receipts.record_id) as first_seen_date, receipts.file_id,
        receipts.row_number
    from {{ ref('stg_pos__transactions') }} as receipts
    where
        receipts.loyalty_number_pos is null
        and receipts.card_token in (
            select held.identifier from {{ ref('int_people__identifiers') }} as held
            where held.kind = 'card' and held.record_id not like 'pos/cards/%'
        )
    order by
        receipts.record_id asc, receipts.batch_date desc, receipts.recorded_at desc nulls last,
        receipts.file_id desc, receipts.row_number desc
),

-- As text: dbt's unit tests know no arrays.
known_by as (
    select
        record_id,
        string_agg(
            kind || ':' || translate(identifier, '|', '/'), '|' order by kind || ':' || identifier collate "C"
        ) as identifiers
    from {{ ref('int_people__identifiers') }}
    group by record_id
),

people as (

    {{ comparable('crm', 'customers', ref('stg_crm__customers'), [
        'first_name', 'last_name', 'email', 'phone', 'date_of_birth', 'gender', 'address_line', 'city', 'postcode',
        'country', 'occupation',
    ]) }}

    union all
    {{ comparable('finance', 'accounts', ref('stg_finance__accounts'), [
        'full_name', 'email', 'phone', 'date_of_birth', 'postcode',
    ]) }}

    union all
    {{ comparable('demographics', 'customers', ref('stg_demographics__customers'), [
        'full_name', 'birth_year', 'gender', 'address_line', 'city', 'postcode', 'country', 'occupation',
    ]) }}

    union all
    {{ comparable('service', 'contacts', 'service_contacts', [
        'full_name', 'email', 'phone', 'date_of_birth', 'postcode',
    ]) }}

    union all
    {{ comparable('usage', 'product_usage', ref('stg_usage__product_usage'), [
        'full_name', 'email', 'date_of_birth', 'postcode',
    ]) }}

    union all
    {{ comparable('wealth', 'clients', ref('stg_wealth__clients'), ['full_name', 'date_of_birth'],
        occupation='lower(occupation)') }}

    union all
    {{ comparable('ecommerce', 'accounts', ref('stg_ecommerce__accounts'), [
        'first_name', 'last_name', 'email', 'phone', 'address_line', 'city', 'postcode', 'country',
    ], claimed_customer_id=nobody) }}

    union all
    {{ comparable('ecommerce', 'guests', 'shop_guests', [
        'full_name', 'email', 'phone', 'address_line', 'city', 'postcode', 'country',
    ], claimed_customer_id=nobody) }}

    union all
    {{ comparable('pos', 'members', ref('stg_pos__members'), [
        'full_name', 'email', 'phone', 'date_of_birth', 'postcode',
    ], claimed_customer_id=nobody) }}

    union all
    {{ comparable('marketing', 'contacts', ref('stg_marketing__contacts'), [
        'first_name', 'last_name', 'email', 'phone', 'country',
    ], claimed_customer_id=nobody) }}

    union all
    {{ comparable('marketing', 'leads', ref('stg_marketing__leads'), [
        'full_name', 'email', 'phone', 'postcode', 'occupation',
    ], claimed_customer_id=nobody) }}

    union all
    {{ comparable('support', 'contacts', ref('stg_support__contacts'), ['full_name', 'email', 'phone'],
        claimed_customer_id=nobody) }}

    union all
    {{ comparable('bureau', 'credit_reports', ref('stg_bureau__credit_reports'), [
        'full_name', 'date_of_birth', 'postcode',
    ], claimed_customer_id=nobody) }}

    union all
    {{ comparable('lending', 'people', ref('stg_lending__people'), [
        'first_name', 'last_name', 'gender', 'address_line', 'city', 'postcode',
    ], claimed_customer_id=nobody, birth_year=year_of_age) }}

    union all
    {{ comparable('hr', 'employees', ref('stg_hr__employees'), ['first_name', 'last_name', 'gender', 'postcode'],
        claimed_customer_id=nobody, birth_year=year_of_age) }}

    union all
    {{ comparable('motor', 'vehicles', ref('stg_motor__vehicles'), ['first_name', 'last_name', 'gender'],
        claimed_customer_id=nobody, birth_year=year_of_age) }}

    union all
    {{ comparable('web', 'users', ref('stg_web__users'), ['email'],
        claimed_customer_id=nobody, links_by_id_only=true) }}

    union all
    {{ comparable('bank', 'clients', 'bank_clients', ['date_of_birth', 'gender', 'country'],
        claimed_customer_id=nobody, links_by_id_only=true) }}

    union all
    {{ comparable('pos', 'cards', 'pos_cards', [], claimed_customer_id=nobody, links_by_id_only=true) }}

)

select
    people.*,
    known_by.identifiers
from people
left join known_by on people.record_id = known_by.record_id
