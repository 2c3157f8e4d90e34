{{ config(tags=['marts']) }}

{#- Where identifiers stand beside the record of a person: kind, system, relation, column. -#}
{% set stated = [
    ('customer_id', 'crm', ref('stg_crm__customers'), 'customer_id_crm'),
    ('national_id', 'bureau', ref('stg_bureau__balances'), 'national_id_token'),
    ('iban', 'wealth', ref('stg_wealth__deposits'), 'iban_token'),
    ('card', 'wealth', ref('stg_wealth__card_accounts'), 'card_token'),
    ('card', 'pos', ref('stg_pos__transactions'), 'card_token'),
    ('card', 'ecommerce', ref('stg_ecommerce__orders'), 'card_token'),
    ('loyalty_number', 'pos', ref('stg_pos__members'), 'loyalty_number_pos'),
    ('client_id', 'bank', ref('stg_bank__clients'), 'client_id_bank'),
    ('client_id', 'bureau', ref('stg_bureau__balances'), 'client_id_bank'),
    ('client_id', 'wealth', ref('stg_wealth__clients'), 'client_id_wealth'),
    ('account_id', 'finance', ref('stg_finance__accounts'), 'account_id_finance'),
    ('account_id', 'ecommerce', ref('stg_ecommerce__accounts'), 'account_id_ecommerce'),
    ('account_id', 'wealth', ref('stg_wealth__deposits'), 'holding_id_wealth'),
    ('account_id', 'wealth', ref('stg_wealth__card_accounts'), 'holding_id_wealth'),
    ('account_id', 'wealth', ref('stg_wealth__funds'), 'holding_id_wealth'),
    ('account_id', 'wealth', ref('stg_wealth__loans'), 'holding_id_wealth'),
    ('account_id', 'wealth', ref('stg_wealth__policies'), 'holding_id_wealth'),
    ('account_id', 'bureau', ref('stg_bureau__balances'), 'account_ref_bureau'),
    ('user_id', 'web', ref('stg_web__users'), 'user_id_web'),
    ('anonymous_id', 'ecommerce', ref('stg_ecommerce__carts'), 'anonymous_id_web'),
    ('contact_id', 'marketing', ref('stg_marketing__contacts'), 'contact_id_marketing'),
    ('lead_id', 'marketing', ref('stg_marketing__leads'), 'lead_id_marketing'),
    ('social_handle', 'marketing', ref('stg_marketing__social_handles'), 'social_handle'),
    ('file_number', 'bureau', ref('stg_bureau__credit_reports'), 'file_number_bureau'),
    ('demographics_ref', 'demographics', ref('stg_demographics__customers'), 'ref_demographics'),
    ('subscription_id', 'usage', ref('stg_usage__product_usage'), 'source_key'),
] -%}
{#- Where they may change while the record stays: kind, system, entity, relation, column. -#}
{% set changing = [
    ('national_id', 'wealth', 'clients', ref('stg_wealth__clients'), 'national_id_token'),
    ('national_id', 'bureau', 'credit_reports', ref('stg_bureau__credit_reports'), 'national_id_token'),
    ('iban', 'lending', 'people', ref('stg_lending__people'), 'iban_token'),
    ('card', 'lending', 'people', ref('stg_lending__people'), 'card_token'),
    ('card', 'finance', 'accounts', ref('stg_finance__accounts'), 'card_token'),
    ('client_id', 'bureau', 'credit_reports', ref('stg_bureau__credit_reports'), 'client_id_bank'),
    ('user_id', 'ecommerce', 'accounts', ref('stg_ecommerce__accounts'), 'user_id_web'),
] -%}

with

changed as (
    select record_id, max(valid_to_date) as changed_date
    from {{ ref('int_people__versions') }}
    group by record_id
),

-- An address or number that a record had in an earlier version is the customer's, too.
contacts as (
    select
        comparable.record_id, comparable.system, records.email, records.phone,
        coalesce(changed.changed_date, comparable.first_seen_date) as first_seen_date,
        comparable.batch_date as last_seen_date
    from {{ ref('int_people__comparable') }} as comparable
    inner join {{ source('identity', 'records') }} as records on comparable.record_id = records.record_id
    left join changed on comparable.record_id = changed.record_id
    union all
    select
        versions.record_id, versions.system, standardised.email, standardised.phone, versions.valid_from_date,
        versions.batch_date
    from {{ ref('int_people__versions') }} as versions
    inner join {{ source('identity', 'record_versions') }} as standardised
        on versions.record_id = standardised.record_id and versions.valid_from_date = standardised.valid_from_date
),

claimed as (
    select
        comparable.record_id, comparable.system, records.claimed_customer_id,
        coalesce(changed.changed_date, comparable.first_seen_date) as first_seen_date,
        comparable.batch_date as last_seen_date
    from {{ source('identity', 'records') }} as records
    inner join {{ ref('int_people__comparable') }} as comparable on records.record_id = comparable.record_id
    left join changed on comparable.record_id = changed.record_id
    union all
    select
        record_id, system, claimed_customer_id, valid_from_date as first_seen_date, batch_date as last_seen_date
    from {{ ref('int_people__versions') }}
),

-- An id of the crm that another system claims counts, unless the crm has given it to somebody else.
claims as (
    select claimed.*
    from claimed
    inner join {{ source('identity', 'crosswalk') }} as crosswalk on claimed.record_id = crosswalk.record_id
    left join {{ source('identity', 'crosswalk') }} as given
        on given.record_id = 'crm/customers/' || claimed.claimed_customer_id
    where
        claimed.claimed_customer_id is not null and claimed.system <> 'crm'
        and coalesce(given.customer_key = crosswalk.customer_key, true)
),

-- What account holders of the shop write into an order. Nobody has standardised it, so of telephones only those count
-- that name the code of their country.
orders as (
    select
        record_id, lower(email) as email, first_seen_date, last_seen_date,
        '+' || substring(
            regexp_replace(replace(phone, '(0)', ''), '[^0-9+]', '', 'g') from '^(?:\+|00)([1-9][0-9]{6,14})$'
        ) as phone
    from {{ ref('stg_ecommerce__orders') }}
    where account_id_ecommerce is not null
),

-- The address that a mail went to is that of the contact to whom marketing sent it, also where the contact has another
-- one by now. Nobody has standardised it either.
mails as (
    select
        record_id, lower(email) as email, min(first_seen_date) as first_seen_date,
        max(last_seen_date) as last_seen_date
    from {{ ref('stg_marketing__email_events') }}
    group by record_id, lower(email)
),

-- What the web site saw together belongs to the user to whom the events were stitched, also from before the log-in.
web as (
    select
        stitched.record_id, events.anonymous_id_web, events.device_id_web, events.email,
        min(events.first_seen_date) as first_seen_date, max(events.last_seen_date) as last_seen_date
    from {{ ref('int_web__stitched_events') }} as stitched
    inner join {{ ref('stg_web__events') }} as events on stitched.event_id = events.source_key
    where stitched.record_id is not null
    group by stitched.record_id, events.anonymous_id_web, events.device_id_web, events.email
),

mentions as (
    select record_id, 'email' as kind, system, email as identifier, first_seen_date, last_seen_date
    from contacts
    union all
    select record_id, 'phone' as kind, system, phone as identifier, first_seen_date, last_seen_date
    from contacts
    union all
    select record_id, 'customer_id' as kind, system, claimed_customer_id as identifier, first_seen_date, last_seen_date
    from claims
    union all
    select
        'bank/clients/' || client_id_bank as record_id, 'account_id' as kind, 'bank' as system,
        account_id_bank as identifier, first_seen_date, last_seen_date
    from {{ ref('stg_bank__dispositions') }}
    {% for kind, column in [('anonymous_id', 'anonymous_id_web'), ('device_id', 'device_id_web'), ('email', 'email')] %}
        union all
        select
            record_id, '{{ kind }}' as kind, 'web' as system, {{ column }} as identifier, first_seen_date,
            last_seen_date
        from web
    {% endfor %}
    {% for kind in ['email', 'phone'] %}
        union all
        select
            record_id, '{{ kind }}' as kind, 'ecommerce' as system, {{ kind }} as identifier, first_seen_date,
            last_seen_date
        from orders
    {% endfor %}
    union all
    select record_id, 'email' as kind, 'marketing' as system, email as identifier, first_seen_date, last_seen_date
    from mails
    {% for kind, system, relation, column in stated %}
        union all
        select
            record_id, '{{ kind }}' as kind, '{{ system }}' as system, {{ column }} as identifier, first_seen_date,
            last_seen_date
        from {{ relation }}
        where {{ column }} is not null and record_id is not null
    {% endfor %}
    {% for kind, system, entity, relation, column in changing %}
        union all
        select
            stating.record_id, '{{ kind }}' as kind, '{{ system }}' as system, stating.{{ column }} as identifier,
            coalesce(changed.changed_date, stating.first_seen_date) as first_seen_date, stating.last_seen_date
        from {{ relation }} as stating
        left join changed on stating.record_id = changed.record_id
        where stating.{{ column }} is not null
        union all
        select
            record_id, '{{ kind }}' as kind, '{{ system }}' as system, {{ column }} as identifier,
            valid_from_date as first_seen_date, batch_date as last_seen_date
        from {{ ref('int_people__versions') }}
        where system = '{{ system }}' and entity = '{{ entity }}' and {{ column }} is not null
    {% endfor %}
)

select
    crosswalk.customer_key, mentions.kind, mentions.identifier, mentions.system,
    min(mentions.first_seen_date) as first_seen_date,
    max(mentions.last_seen_date) as last_seen_date,
    count(*) as record_count
from mentions
inner join {{ source('identity', 'crosswalk') }} as crosswalk on mentions.record_id = crosswalk.record_id
where mentions.identifier is not null
group by crosswalk.customer_key, mentions.kind, mentions.identifier, mentions.system
