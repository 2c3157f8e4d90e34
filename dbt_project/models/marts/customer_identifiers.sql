with

identifiers as (select * from {{ ref('int_customers__identifiers') }}),

-- Systems number accounts apart, and the wealth arm its clients; else one number is one thing in all of them. A window
-- cannot count distinct customers.
numbered as (
    select
        identifiers.*,
        case
            when identifiers.kind = 'account_id' then identifiers.system
            when identifiers.kind = 'client_id' and identifiers.system = 'wealth' then identifiers.system
            else ''
        end as numbered_by
    from identifiers
),

holders as (
    select kind, identifier, numbered_by, count(distinct customer_key) as customer_count
    from numbered
    group by kind, identifier, numbered_by
)

select
    numbered.customer_key,
    numbered.kind,
    numbered.identifier,
    numbered.system,
    numbered.first_seen_date,
    numbered.last_seen_date,
    numbered.record_count,
    holders.customer_count
from numbered
inner join holders
    on
        numbered.kind = holders.kind and numbered.identifier = holders.identifier
        and numbered.numbered_by = holders.numbered_by
