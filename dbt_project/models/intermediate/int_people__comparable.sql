{{ config(tags=['stage']) }}

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

final as (

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

    {% if env_var('BANK_DATA', '') != '' %}
        union all
        {{ comparable('bank', 'clients', ref('stg_bank__clients'), ['date_of_birth', 'gender'],
            claimed_customer_id='null::text', country="'CZ'", links_by_id_only=true) }}
    {% endif %}

)

select * from final
