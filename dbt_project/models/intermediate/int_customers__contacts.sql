{{ config(tags=['marts']) }}

with

-- What colleagues note of a customer is no contact.
-- A complaint and the ticket that it stands on are one, and so is a ticket with a kind of complaint.
interactions as (
    select
        *,
        case
            when is_complaint or (interaction_type = 'ticket' and topic is not null)
                then coalesce(ticket_interaction_key, interaction_key)
        end as complaint_key
    from {{ ref('fact_interactions') }}
    where interaction_type is distinct from 'note'
),

contacts as (
    select
        customer_key,
        count(distinct complaint_key) as complaint_count,
        max(occurred_at) filter (where complaint_key is not null) as last_complaint_at,
        count(*) filter (where interaction_type = 'ticket' and resolved_at is null) as open_ticket_count,
        (
            array_agg(satisfaction_pct order by occurred_at desc nulls last, interaction_key asc)
            filter (where satisfaction_pct is not null)
        )[1] as last_satisfaction_pct,
        (
            array_agg(sentiment order by occurred_at desc nulls last, interaction_key asc)
            filter (where sentiment is not null)
        )[1] as last_sentiment,
        round(avg(extract(epoch from resolved_at - occurred_at) / 3600) filter (where interaction_type = 'ticket'), 1)
            as average_resolution_hours,
        count(*) filter (where interaction_type = 'social') as social_count,
        count(*) filter (where interaction_type = 'branch_contact') as branch_contact_count,
        max(occurred_at) filter (where interaction_type = 'branch_contact') as last_branch_contact_at
    from interactions
    group by customer_key
),

consents as (
    select
        customer_key,
        bool_and(consent_action = 'given') filter (where channel = 'email') as has_email_consent,
        bool_and(consent_action = 'given') filter (where channel = 'sms') as has_sms_consent,
        bool_and(consent_action = 'given') filter (where channel = 'phone') as has_phone_consent,
        bool_and(consent_action = 'given') filter (where channel = 'post') as has_post_consent,
        max(occurred_at) filter (where channel = 'email' and consent_action = 'withdrawn') as email_withdrawn_at
    from {{ ref('fact_consents') }}
    where is_latest and consent_kind <> 'newsletter'
    group by customer_key
),

-- Who wants no e-mail at all wants no newsletter either, but one that was asked for later.
newsletters as (
    select
        subscriptions.customer_key,
        string_agg(distinct subscriptions.newsletter, ',' order by subscriptions.newsletter) as newsletters
    from {{ ref('fact_consents') }} as subscriptions
    left join consents on subscriptions.customer_key = consents.customer_key
    where
        subscriptions.is_latest and subscriptions.consent_kind = 'newsletter'
        and subscriptions.consent_action = 'given'
        and (coalesce(consents.has_email_consent, true) or subscriptions.occurred_at > consents.email_withdrawn_at)
    group by subscriptions.customer_key
),

emails as (
    select
        customer_key,
        count(*) filter (where response_type = 'sent') as email_sent_count,
        count(*) filter (where response_type = 'open') as email_open_count,
        count(*) filter (where response_type = 'click') as email_click_count,
        max(occurred_at) filter (where is_engagement) as last_engaged_at
    from {{ ref('fact_campaign_responses') }}
    group by customer_key
),

brands as (
    select responses.customer_key, string_agg(distinct campaigns.brand, ',' order by campaigns.brand) as engaged_brands
    from {{ ref('fact_campaign_responses') }} as responses
    inner join {{ ref('dim_campaign') }} as campaigns on responses.campaign_key = campaigns.campaign_key
    where responses.is_engagement
    group by responses.customer_key
),

leads as (
    select
        customer_key,
        (
            array_agg(lead_score order by updated_at desc nulls last, batch_date desc, lead_key asc)
            filter (where lead_score is not null)
        )[1] as lead_score,
        (
            array_agg(lead_stage order by entity asc, updated_at desc nulls last, batch_date desc, lead_key asc)
            filter (where lead_stage is not null)
        )[1] as lead_stage,
        min(converted_at) as lead_converted_at,
        (
            array_agg(preferred_channel order by updated_at desc nulls last, batch_date desc, lead_key asc)
            filter (where preferred_channel is not null)
        )[1] as preferred_channel,
        (
            array_agg(preferred_frequency order by updated_at desc nulls last, batch_date desc, lead_key asc)
            filter (where preferred_frequency is not null)
        )[1] as preferred_frequency,
        (
            array_agg(preferred_topics order by updated_at desc nulls last, batch_date desc, lead_key asc)
            filter (where jsonb_typeof(preferred_topics) = 'array')
        )[1] as preferred_topics
    from {{ ref('fact_leads') }}
    group by customer_key
),

topics as (
    select leads.customer_key, string_agg(distinct items.topic, ',' order by items.topic) as preferred_topics
    from leads
    cross join lateral jsonb_array_elements_text(leads.preferred_topics) as items (topic)
    group by leads.customer_key
),

visits as (
    select
        customer_key, count(*) as web_visit_count, min(occurred_at) as first_web_visit_at,
        max(occurred_at) as last_web_visit_at, sum(page_view_count) as page_view_count, sum(click_count) as click_count,
        sum(search_count) as search_count, sum(promotion_view_count) as promotion_view_count,
        sum(content_view_count) as content_view_count, sum(content_duration_s) as content_duration_s,
        sum(cart_add_count) as cart_add_count, count(*) filter (where is_cart_abandoned) as abandoning_visit_count
    from {{ ref('fact_web_sessions') }}
    group by customer_key
),

searches as (
    select
        customer_key,
        string_agg(search_term, ', ' order by last_at desc, search_term asc) filter (where place <= 5) as search_terms
    from (
        select
            customer_key, search_term, max(occurred_at) as last_at,
            row_number() over (partition by customer_key order by max(occurred_at) desc, search_term asc) as place
        from {{ ref('fact_web_events') }}
        where search_term is not null and customer_key is not null
        group by customer_key, search_term
    ) as terms
    group by customer_key
),

devices as (
    select customer_key, string_agg(distinct device_type, ',' order by device_type) as device_types
    from {{ ref('fact_web_events') }}
    group by customer_key
)

select
    customers.customer_key,
    coalesce(contacts.complaint_count, 0) as complaint_count,
    contacts.last_complaint_at,
    coalesce(contacts.open_ticket_count, 0) as open_ticket_count,
    contacts.average_resolution_hours,
    contacts.last_satisfaction_pct,
    contacts.last_sentiment,
    coalesce(contacts.social_count, 0) as social_count,
    coalesce(contacts.branch_contact_count, 0) as branch_contact_count,
    contacts.last_branch_contact_at,
    consents.has_email_consent,
    consents.has_sms_consent,
    consents.has_phone_consent,
    consents.has_post_consent,
    newsletters.newsletters,
    coalesce(emails.email_sent_count, 0) as email_sent_count,
    coalesce(emails.email_open_count, 0) as email_open_count,
    coalesce(emails.email_click_count, 0) as email_click_count,
    emails.last_engaged_at,
    brands.engaged_brands,
    leads.lead_score,
    leads.lead_stage,
    leads.lead_converted_at,
    leads.preferred_channel,
    leads.preferred_frequency,
    topics.preferred_topics,
    coalesce(visits.web_visit_count, 0) as web_visit_count,
    visits.first_web_visit_at,
    visits.last_web_visit_at,
    coalesce(visits.page_view_count, 0)::bigint as page_view_count,
    coalesce(visits.click_count, 0)::bigint as click_count,
    coalesce(visits.search_count, 0)::bigint as search_count,
    searches.search_terms,
    coalesce(visits.promotion_view_count, 0)::bigint as promotion_view_count,
    coalesce(visits.content_view_count, 0)::bigint as content_view_count,
    coalesce(visits.content_duration_s, 0)::bigint as content_duration_s,
    coalesce(visits.cart_add_count, 0)::bigint as cart_add_count,
    coalesce(visits.abandoning_visit_count, 0) as abandoning_visit_count,
    devices.device_types
from {{ ref('dim_customer') }} as customers
left join contacts on customers.customer_key = contacts.customer_key
left join consents on customers.customer_key = consents.customer_key
left join newsletters on customers.customer_key = newsletters.customer_key
left join emails on customers.customer_key = emails.customer_key
left join brands on customers.customer_key = brands.customer_key
left join leads on customers.customer_key = leads.customer_key
left join topics on customers.customer_key = topics.customer_key
left join visits on customers.customer_key = visits.customer_key
left join searches on customers.customer_key = searches.customer_key
left join devices on customers.customer_key = devices.customer_key
