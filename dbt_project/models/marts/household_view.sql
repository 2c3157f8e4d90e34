with

members as (
    select
        households.household_key, households.shares_name, households.shares_account, customers.customer_key,
        customers.last_name, customers.age, customers.dependants, customers.income_bracket, customers.account_types,
        customers.deposits_eur, customers.loans_outstanding_eur, customers.debt_eur, customers.spend_12_months_eur,
        customers.subscription_count, customers.vehicle_count, customers.complaint_count, customers.is_active,
        customers.as_of_date, golden.location_key, finances.funds_eur, indicators.personal_income_eur,
        indicators.household_income_eur, indicators.net_wealth_eur
    from {{ ref('int_households__members') }} as households
    inner join {{ ref('customer_360') }} as customers on households.customer_key = customers.customer_key
    inner join {{ ref('dim_customer') }} as golden on households.customer_key = golden.customer_key
    inner join {{ ref('int_customers__finances') }} as finances on households.customer_key = finances.customer_key
    inner join {{ ref('int_customers__indicators') }} as indicators
        on households.customer_key = indicators.customer_key
),

households as (
    select
        household_key,
        count(*) as member_count,
        jsonb_agg(customer_key order by customer_key) as member_keys,
        (array_agg(customer_key order by age desc nulls last, customer_key asc))[1] as head_customer_key,
        (array_agg(location_key order by age desc nulls last, customer_key asc))[1] as location_key,
        string_agg(distinct last_name, ', ' order by last_name) as family_names,
        min(age) as youngest_age,
        max(age) as oldest_age,
        count(*) filter (where age < 18) as minor_count,
        max(dependants) as dependants,
        bool_or(shares_name) as shares_name,
        bool_or(shares_account) as shares_account,
        -- The estimate is of the whole household: it counts once, and only where the income of somebody is not known.
        case
            when count(personal_income_eur) = count(*) then sum(personal_income_eur)
            else greatest(sum(personal_income_eur), max(household_income_eur))
        end as income_eur,
        count(personal_income_eur) as earner_count,
        (
            array_agg(income_bracket order by age desc nulls last, customer_key asc)
            filter (where income_bracket is not null)
        )[1] as income_bracket,
        sum(net_wealth_eur) as net_wealth_eur,
        sum(deposits_eur) as deposits_eur,
        sum(funds_eur) as funds_eur,
        sum(loans_outstanding_eur) as loans_outstanding_eur,
        sum(debt_eur) as debt_eur,
        sum(spend_12_months_eur) as spend_12_months_eur,
        sum(subscription_count)::bigint as subscription_count,
        sum(vehicle_count)::bigint as vehicle_count,
        sum(complaint_count)::bigint as complaint_count,
        bool_or(is_active) as is_active,
        max(as_of_date) as as_of_date
    from members
    group by household_key
),

products as (
    select
        members.household_key,
        string_agg(distinct types.account_type, ',' order by types.account_type) as products,
        count(distinct types.account_type) as product_family_count
    from members
    cross join lateral unnest(string_to_array(members.account_types, ',')) as types (account_type)
    group by members.household_key
)

select
    households.household_key,
    households.member_count,
    households.member_keys,
    households.head_customer_key,
    households.family_names,
    locations.full_address,
    locations.city,
    locations.postcode,
    locations.country,
    households.youngest_age,
    households.oldest_age,
    households.minor_count,
    households.dependants,
    households.shares_name,
    households.shares_account,
    households.income_eur,
    households.earner_count,
    households.income_bracket,
    households.net_wealth_eur,
    households.deposits_eur,
    households.funds_eur,
    households.loans_outstanding_eur,
    households.debt_eur,
    products.products,
    coalesce(products.product_family_count, 0) as product_family_count,
    households.subscription_count,
    households.vehicle_count,
    households.spend_12_months_eur,
    households.complaint_count,
    households.is_active,
    households.as_of_date
from households
left join {{ ref('dim_location') }} as locations on households.location_key = locations.location_key
left join products on households.household_key = products.household_key
