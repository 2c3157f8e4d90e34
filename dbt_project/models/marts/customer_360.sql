with

as_of as (select max(batch_date) as as_of_date from {{ source('ops', 'build_files') }}),

accounts as (
    select
        accounts.customer_key,
        count(distinct accounts.account_id) as account_count,
        (array_agg(accounts.account_id order by accounts.first_seen_date, accounts.account_id))[1] as account_id,
        string_agg(distinct methods.method, ',' order by methods.method) as payment_methods
    from {{ ref('dim_account') }} as accounts
    left join lateral unnest(string_to_array(accounts.payment_methods, ',')) as methods (method) on true
    where accounts.system = 'finance' and accounts.customer_key is not null
    group by accounts.customer_key
),

transactions as (
    select
        customer_key, count(*) as transaction_count,
        sum(amount_eur) filter (where transaction_type = 'purchase' and not is_cancelled) as purchases_eur,
        max(occurred_at) as last_transaction_at
    from {{ ref('fact_transactions') }}
    where is_in_latest_snapshot
    group by customer_key
),

interactions as (
    select customer_key, count(*) as interaction_count, max(occurred_at) as last_interaction_at
    from {{ ref('fact_interactions') }}
    where interaction_type is distinct from 'note'
    group by customer_key
),

usage as (
    select customer_key, count(*) as subscription_count, max(last_used_date) as last_used_date
    from {{ ref('fact_product_usage') }}
    where is_in_latest_snapshot
    group by customer_key
),

journeys as (
    select
        customer_key, count(*) as touchpoint_count,
        min(occurred_at) as first_touchpoint_at, max(occurred_at) as last_touchpoint_at,
        max(touchpoint_type) filter (where is_first) as first_touchpoint_type,
        max(touchpoint_type) filter (where is_last) as last_touchpoint_type,
        max(channel) filter (where is_first) as first_channel,
        max(channel) filter (where is_last) as last_channel,
        count(*) filter (where is_conversion) as conversion_count,
        min(occurred_at) filter (where is_conversion) as first_conversion_at,
        max(occurred_at) filter (where is_conversion) as last_conversion_at,
        (
            array_agg(attributed_campaign_name order by touchpoint_number desc)
            filter (where attributed_campaign_key is not null)
        )[1] as last_attributed_campaign
    from {{ ref('journey_view') }}
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
    survived.geographic_segment,
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
    as_of.as_of_date,
    locations.postcode,
    homes.home_district_name,
    homes.home_district_region,
    homes.home_district_average_salary_czk,
    homes.home_district_unemployment_1996_pct,
    homes.home_district_entrepreneurs_per_1000,
    homes.home_district_crimes_1996,
    survived.yearly_income_eur::numeric as yearly_income_eur,
    survived.dependants::integer as dependants,
    survived.employer,
    survived.language,
    survived.purchase_propensity::numeric as purchase_propensity,
    survived.competitor_spend_eur::numeric as competitor_spend_eur,
    households.household_key,
    households.member_count as household_member_count,
    finances.account_types,
    finances.product_family_count,
    purchases.spend_eur,
    purchases.spend_12_months_eur,
    purchases.spend_online_12_months_eur,
    purchases.spend_store_12_months_eur,
    purchases.spend_other_12_months_eur,
    purchases.refunds_12_months_eur,
    purchases.purchased_line_count,
    purchases.returned_line_count,
    purchases.order_count,
    purchases.order_12_months_count,
    purchases.return_count,
    purchases.average_order_eur,
    purchases.first_order_at,
    purchases.last_order_at,
    purchases.favourite_payment_method,
    purchases.favourite_category,
    purchases.favourite_store,
    purchases.home_store,
    purchases.abandoned_cart_count,
    purchases.abandoned_carts_eur,
    purchases.review_count,
    purchases.average_rating,
    purchases.last_login_at,
    purchases.loyalty_points,
    purchases.loyalty_tier,
    purchases.points_redeemed,
    contacts.complaint_count,
    contacts.last_complaint_at,
    contacts.open_ticket_count,
    contacts.average_resolution_hours,
    contacts.last_satisfaction_pct,
    contacts.last_sentiment,
    contacts.social_count,
    contacts.has_email_consent,
    contacts.has_sms_consent,
    contacts.has_phone_consent,
    contacts.has_post_consent,
    contacts.newsletters,
    contacts.email_sent_count,
    contacts.email_open_count,
    contacts.email_click_count,
    contacts.last_engaged_at,
    contacts.lead_score,
    contacts.lead_stage,
    contacts.lead_converted_at,
    contacts.preferred_channel,
    contacts.preferred_frequency,
    contacts.preferred_topics,
    contacts.web_visit_count,
    contacts.first_web_visit_at,
    contacts.last_web_visit_at,
    contacts.page_view_count,
    contacts.click_count,
    contacts.search_count,
    contacts.search_terms,
    contacts.promotion_view_count,
    contacts.content_view_count,
    contacts.content_duration_s,
    contacts.cart_add_count,
    contacts.abandoning_visit_count,
    contacts.device_types,
    finances.deposits_eur,
    finances.funds_eur,
    finances.credit_limit_eur,
    finances.credit_usage_eur,
    finances.loans_outstanding_eur,
    finances.loan_payments_month_eur,
    finances.defaulted_loan_count,
    finances.debt_eur,
    finances.debt_years,
    finances.bureau_score,
    finances.defaults_5_years,
    finances.enquiries_12_months,
    finances.open_credit_lines,
    finances.utilisation_pct,
    finances.late_month_count,
    finances.missed_month_count,
    finances.missed_eur,
    finances.most_days_late,
    finances.vehicle_count,
    finances.newest_vehicle_year,
    finances.vehicle_makes,
    finances.is_retired,
    finances.commute_distance_km,
    coalesce(journeys.touchpoint_count, 0) as touchpoint_count,
    journeys.first_touchpoint_at,
    journeys.first_touchpoint_type,
    journeys.first_channel,
    journeys.last_touchpoint_at,
    journeys.last_touchpoint_type,
    journeys.last_channel,
    coalesce(journeys.conversion_count, 0) as conversion_count,
    journeys.first_conversion_at,
    journeys.last_conversion_at,
    journeys.last_attributed_campaign
from {{ ref('dim_customer') }} as customers
cross join as_of
left join {{ ref('dim_location') }} as locations on customers.location_key = locations.location_key
left join {{ ref('int_customers__survived') }} as survived on customers.customer_key = survived.customer_key
left join {{ ref('int_customers__home_districts') }} as homes on customers.customer_key = homes.customer_key
left join accounts on customers.customer_key = accounts.customer_key
left join transactions on customers.customer_key = transactions.customer_key
left join interactions on customers.customer_key = interactions.customer_key
left join usage on customers.customer_key = usage.customer_key
left join {{ ref('int_households__members') }} as households on customers.customer_key = households.customer_key
left join {{ ref('int_customers__purchases') }} as purchases on customers.customer_key = purchases.customer_key
left join {{ ref('int_customers__contacts') }} as contacts on customers.customer_key = contacts.customer_key
left join {{ ref('int_customers__finances') }} as finances on customers.customer_key = finances.customer_key
left join journeys on customers.customer_key = journeys.customer_key
