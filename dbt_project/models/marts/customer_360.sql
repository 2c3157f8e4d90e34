with

as_of as (select max(batch_date) as as_of_date from {{ source('ops', 'build_files') }}),

accounts as (
    select
        crosswalk.customer_key,
        count(distinct accounts.account_id_finance) as account_count,
        (
            array_agg(accounts.account_id_finance order by accounts.first_seen_date, accounts.account_id_finance)
        )[1] as account_id,
        string_agg(distinct methods.method, ',' order by methods.method) as payment_methods
    from {{ ref('stg_finance__accounts') }} as accounts
    inner join {{ source('identity', 'crosswalk') }} as crosswalk on accounts.record_id = crosswalk.record_id
    left join lateral jsonb_array_elements_text(
        case when jsonb_typeof(accounts.payment_methods) = 'array' then accounts.payment_methods else '[]'::jsonb end
    ) as methods (method) on true
    group by crosswalk.customer_key
),

transactions as (
    select
        customer_key, count(*) as transaction_count,
        sum(amount_eur) filter (where transaction_type = 'purchase') as purchases_eur,
        max(occurred_at) as last_transaction_at
    from {{ ref('fact_transactions') }}
    group by customer_key
),

interactions as (
    select customer_key, count(*) as interaction_count, max(occurred_at) as last_interaction_at
    from {{ ref('fact_interactions') }}
    group by customer_key
),

usage as (
    select customer_key, count(*) as subscription_count, max(last_used_date) as last_used_date
    from {{ ref('fact_product_usage') }}
    where is_in_latest_snapshot
    group by customer_key
)

select
    customers.customer_key,
    customers.customer_id,
    customers.first_name,
    customers.last_name,
    customers.email,
    customers.phone,
    customers.date_of_birth,
    case
        when customers.date_of_birth is not null
            then extract(year from age(as_of.as_of_date, customers.date_of_birth))::integer
        else extract(year from as_of.as_of_date)::integer - customers.birth_year
    end as age,
    customers.gender,
    locations.city,
    locations.country,
    customers.marital_status as family_status,
    customers.education_level,
    customers.occupation,
    customers.income_bracket,
    survived.lifestyle_segment,
    customers.join_date,
    accounts.account_id,
    coalesce(accounts.account_count, 0) as account_count,
    accounts.payment_methods,
    survived.credit_score::bigint as credit_score,
    coalesce(transactions.transaction_count, 0) as transaction_count,
    coalesce(transactions.purchases_eur, 0) as purchases_eur,
    transactions.last_transaction_at,
    coalesce(interactions.interaction_count, 0) as interaction_count,
    interactions.last_interaction_at,
    coalesce(usage.subscription_count, 0) as subscription_count,
    usage.last_used_date,
    customers.data_source,
    customers.last_updated,
    customers.is_active,
    as_of.as_of_date
from {{ ref('dim_customer') }} as customers
cross join as_of
left join {{ ref('dim_location') }} as locations on customers.location_key = locations.location_key
left join {{ ref('int_customers__survived') }} as survived on customers.customer_key = survived.customer_key
left join accounts on customers.customer_key = accounts.customer_key
left join transactions on customers.customer_key = transactions.customer_key
left join interactions on customers.customer_key = interactions.customer_key
left join usage on customers.customer_key = usage.customer_key
