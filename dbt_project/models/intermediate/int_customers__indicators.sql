{{ config(tags=['marts']) }}

{% set home_country, home_phone = var('home_country'), var('home_phone_prefix') -%}
{% set home_language, home_currency = var('home_language'), var('home_currency') -%}
{% set brackets = {'<20k': 15000, '20k-40k': 30000, '40k-60k': 50000, '60k-100k': 80000, '>100k': 120000} -%}

with

-- A bracket is of a household, what is declared or paid of one person.
incomes as (
    select
        customers.*,
        survived.yearly_income_eur::numeric as personal_income_eur,
        case customers.income_bracket
            {% for bracket, middle in brackets.items() -%}
                when '{{ bracket }}' then {{ middle }}::numeric
            {% endfor %}
        end as household_income_eur,
        customers.birth_year - customers.birth_year % 10 as birth_decade
    from {{ ref('dim_customer') }} as customers
    left join {{ ref('int_customers__survived') }} as survived on customers.customer_key = survived.customer_key
),

customers as (
    select
        *,
        coalesce(personal_income_eur, household_income_eur) as income_eur,
        case
            when personal_income_eur is not null then 'person'
            when household_income_eur is not null then 'household bracket'
        end as income_basis
    from incomes
),

wealth as (
    select
        customer_key,
        coalesce(deposits_eur, 0) + coalesce(funds_eur, 0) + coalesce(mortgage_asset_value_eur, 0)
        - coalesce(loans_outstanding_eur, 0) - coalesce(credit_usage_eur, 0) - coalesce(debt_eur, 0) as net_wealth_eur
    from {{ ref('int_customers__finances') }}
    where
        coalesce(
            deposits_eur, funds_eur, mortgage_asset_value_eur, loans_outstanding_eur, credit_usage_eur, debt_eur
        ) is not null
),

wealth_places as (
    select customer_key, net_wealth_eur, percent_rank() over (order by net_wealth_eur) as place
    from wealth
),

income_places as (
    select customer_key, income_eur, percent_rank() over (order by income_eur) as place
    from customers
    where income_eur is not null
),

age_places as (
    select customer_key, percent_rank() over (order by birth_year desc) as place
    from customers
    where birth_year is not null
),

-- What records say of the marriage, and whether a likely partner lives in the household.
statements as (
    select
        crosswalk.customer_key, count(*) as stated_count,
        count(*) filter (where stated.marital_status = 'married') as married_count
    from {{ ref('int_people__stated_attributes') }} as stated
    inner join {{ source('identity', 'crosswalk') }} as crosswalk on stated.record_id = crosswalk.record_id
    where stated.marital_status is not null
    group by crosswalk.customer_key
),

partners as (
    select distinct members.customer_key
    from {{ ref('int_households__members') }} as members
    inner join {{ ref('int_households__members') }} as others
        on members.household_key = others.household_key and members.customer_key <> others.customer_key
    inner join customers on members.customer_key = customers.customer_key
    inner join customers as partner on others.customer_key = partner.customer_key
    where customers.gender <> partner.gender and abs(customers.birth_year - partner.birth_year) <= 15
),

decades as (
    select
        customers.birth_decade,
        sum(statements.married_count) / sum(statements.stated_count) as married_share
    from customers
    inner join statements on customers.customer_key = statements.customer_key
    where customers.birth_decade is not null
    group by customers.birth_decade
),

overall as (select sum(married_count) / nullif(sum(stated_count), 0) as married_share from statements),

-- Each kind of sign counts once, as the share of what says abroad.
foreign_signs as (
    select crosswalk.customer_key, 'country' as sign, avg((records.country <> '{{ home_country }}')::integer) as share
    from {{ source('identity', 'records') }} as records
    inner join {{ source('identity', 'crosswalk') }} as crosswalk on records.record_id = crosswalk.record_id
    where records.country is not null
    group by crosswalk.customer_key
    union all
    select
        crosswalk.customer_key, 'phone' as sign,
        avg((not starts_with(records.phone, '{{ home_phone }}'))::integer) as share
    from {{ source('identity', 'records') }} as records
    inner join {{ source('identity', 'crosswalk') }} as crosswalk on records.record_id = crosswalk.record_id
    where starts_with(records.phone, '+')
    group by crosswalk.customer_key
    union all
    select crosswalk.customer_key, 'language' as sign, avg((stated.language <> '{{ home_language }}')::integer) as share
    from {{ ref('int_people__stated_attributes') }} as stated
    inner join {{ source('identity', 'crosswalk') }} as crosswalk on stated.record_id = crosswalk.record_id
    where stated.language is not null
    group by crosswalk.customer_key
    union all
    select customer_key, 'currency' as sign, avg((currency <> '{{ home_currency }}')::integer) as share
    from {{ ref('dim_account') }}
    where currency is not null and system <> 'bureau'
    group by customer_key
),

foreigners as (
    select customer_key, avg(share) as foreign_share, count(*) as sign_count
    from foreign_signs
    group by customer_key
)

select
    customers.customer_key,
    round(wealth_places.net_wealth_eur, 2) as net_wealth_eur,
    {{ band('wealth_places.place') }} as wealth_score,
    round(customers.income_eur, 2) as income_eur,
    customers.income_basis,
    round(customers.personal_income_eur, 2) as personal_income_eur,
    round(customers.household_income_eur, 2) as household_income_eur,
    {{ band('income_places.place') }} as income_score,
    round(
        100 * (
            coalesce(statements.married_count, 0) + (partners.customer_key is not null)::integer
            + coalesce(decades.married_share, overall.married_share)
        ) / (coalesce(statements.stated_count, 0) + (partners.customer_key is not null)::integer + 1)
    )::integer as married_score_pct,
    coalesce(statements.stated_count, 0) + (partners.customer_key is not null)::integer as married_evidence_count,
    round((100 * age_places.place)::numeric)::integer as age_score_pct,
    round(100 * foreigners.foreign_share)::integer as foreigner_score_pct,
    coalesce(foreigners.sign_count, 0) as foreigner_evidence_count
from customers
cross join overall
left join wealth_places on customers.customer_key = wealth_places.customer_key
left join income_places on customers.customer_key = income_places.customer_key
left join age_places on customers.customer_key = age_places.customer_key
left join statements on customers.customer_key = statements.customer_key
left join partners on customers.customer_key = partners.customer_key
left join decades on customers.birth_decade = decades.birth_decade
left join foreigners on customers.customer_key = foreigners.customer_key
