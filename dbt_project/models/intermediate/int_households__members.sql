{{ config(tags=['marts']) }}

{#- Endings that differ between the members of a Slavic family: Novák and Nováková, Kowalski and Kowalska. -#}
{% set family_name = "regexp_replace(names.last_name, '(.{3})(ova|ov|ska|ski|sky|cka|cki|cky|na|ny)$', '\\1')" -%}

with recursive

-- The records that supply name and address, in the folded form in which the linking compares them.
winners as (
    select
        customer_key,
        max(record_id) filter (where attribute = 'last_name') as name_record_id,
        max(record_id) filter (where attribute = 'address_line') as address_record_id
    from {{ ref('int_customers__attribute_candidates') }}
    where rank = 1 and attribute in ('last_name', 'address_line')
    group by customer_key
),

residents as (
    select
        winners.customer_key,
        {{ family_name }} as family_name,
        concat_ws('|', homes.street, coalesce(homes.postcode, homes.city)) as home
    from winners
    inner join {{ source('identity', 'compared') }} as homes on winners.address_record_id = homes.unique_id
    left join {{ source('identity', 'compared') }} as names on winners.name_record_id = names.unique_id
    where homes.street is not null and coalesce(homes.postcode, homes.city) is not null
),

-- Cards and IBANs as records state them now: a former one may have been a mistake.
accounts as (
    select
        crosswalk.customer_key,
        held.kind || '/' || held.identifier as account
    from {{ ref('int_people__identifiers') }} as held
    inner join {{ source('identity', 'crosswalk') }} as crosswalk on held.record_id = crosswalk.record_id
    where held.kind in ('iban', 'card')
    union
    select
        customer_key,
        'account_id/' || identifier as account
    from {{ ref('int_customers__identifiers') }}
    where kind = 'account_id' and system = 'bank'
),

-- What makes residents of one home a household: each is joined to the first of them with the same name or account.
evidence as (
    select customer_key, home, 'name/' || family_name as shared
    from residents
    where family_name is not null
    union all
    select residents.customer_key, residents.home, accounts.account as shared
    from residents
    inner join accounts on residents.customer_key = accounts.customer_key
),

edges as (
    select customer_key, min(customer_key) over (partition by home, shared) as first_key
    from evidence
),

neighbours as (
    select customer_key, first_key as neighbour_key from edges
    union
    select first_key as customer_key, customer_key as neighbour_key from edges
),

reached as (
    select customer_key, customer_key as member_key
    from residents
    union
    select reached.customer_key, neighbours.neighbour_key as member_key
    from reached
    inner join neighbours on reached.member_key = neighbours.customer_key
),

households as (
    select customer_key, min(member_key) as first_member_key, count(*) as member_count
    from reached
    group by customer_key
),

sharing as (
    select
        customer_key,
        bool_or(shared like 'name/%') as shares_name,
        bool_or(shared not like 'name/%') as shares_account
    from (
        select customer_key, shared, count(*) over (partition by home, shared) as holder_count
        from evidence
    ) as counted
    where holder_count > 1
    group by customer_key
)

select
    households.customer_key,
    md5('household/' || households.first_member_key) as household_key,
    households.member_count,
    coalesce(sharing.shares_name, false) as shares_name,
    coalesce(sharing.shares_account, false) as shares_account
from households
left join sharing on households.customer_key = sharing.customer_key
