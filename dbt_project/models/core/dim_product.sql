{#- Where a product stands without a name of its own, and what that says of its kind. -#}
{%- set mentions = [
    ('ecommerce', 'reviews', "'goods'"), ('web', 'events', "'goods'"), ('finance', 'transactions', 'null'),
    ('support', 'tickets', 'null'), ('marketing', 'campaigns', 'null'), ('marketing', 'leads', 'null'),
] -%}
{#- Families of financial products, and the word that tells one from another there. -#}
{%- set families = [
    ('wealth', 'deposits', 'deposits', 'product'), ('wealth', 'policies', 'policies', 'policy_kind'),
    ('wealth', 'loans', 'loans', 'loan_kind'), ('wealth', 'card_accounts', 'cards', 'card_kind'),
    ('bank', 'accounts', 'accounts', "'current'"), ('bank', 'cards', 'cards', 'card_type'),
    ('bank', 'loans', 'loans', "'loan'"), ('finance', 'accounts', 'accounts', 'account_type'),
] -%}
with

mentioned as (
    select
        product_id, product_name, product_category, 'subscription' as product_kind, 'usage' as system, batch_date,
        source_key
    from {{ ref('stg_usage__product_usage') }}
    {% for system, entity in [('ecommerce', 'order_items'), ('pos', 'transaction_lines')] %}
        union all
        select
            product_id, product_name, product_category, 'goods' as product_kind, '{{ system }}' as system, batch_date,
            source_key
        from {{ ref('stg_' ~ system ~ '__' ~ entity) }}
    {% endfor %}
    {% for system, entity, kind in mentions %}
        union all
        select distinct
            product_id, null as product_name, null as product_category, {{ kind }} as product_kind,
            '{{ system }}' as system, null::date as batch_date, null as source_key
        from {{ ref('stg_' ~ system ~ '__' ~ entity) }}
    {% endfor %}
    union all
    select
        'wealth/funds/' || fund_code as product_id, fund_name as product_name, 'funds' as product_category,
        'financial' as product_kind, 'wealth' as system, batch_date, source_key
    from {{ ref('stg_wealth__funds') }}
    {% for system, entity, family, word in families %}
        union all
        select distinct
            '{{ system }}/{{ family }}/' || {{ word }} as product_id, {{ word }} as product_name,
            '{{ family }}' as product_category, 'financial' as product_kind, '{{ system }}' as system,
            null::date as batch_date, null as source_key
        from {{ ref('stg_' ~ system ~ '__' ~ entity) }}
    {% endfor %}
),

systems as (
    select
        product_id,
        string_agg(distinct system, ',' order by system) as data_source
    from mentioned
    where product_id is not null
    group by product_id
),

-- A name goes before none, the list of subscriptions before what a receipt says, the newest before older ones.
named as (
    select distinct on (product_id)
        product_id, product_name, product_category, product_kind
    from mentioned
    where product_id is not null
    order by
        product_id asc, (product_name is not null) desc, coalesce(product_kind = 'subscription', false) desc,
        (product_kind is not null) desc, batch_date desc nulls last, system asc, source_key asc
)

select
    md5(named.product_id) as product_key,
    named.product_id,
    named.product_name,
    named.product_category,
    named.product_kind,
    systems.data_source
from named
inner join systems on named.product_id = systems.product_id
