{{ config(tags=['marts']) }}

-- What a customer did or was part of, by customer; what only the company did (an e-mail sent) is no touchpoint. A time
-- outside the calendar is a mistake and has no place in an order.
with

touchpoints as (
    select
        customer_key, 'web/' || web_session_key as touchpoint_id, occurred_at, date_key, system,
        'web_visit' as touchpoint_type, case when is_cart_abandoned then 'cart abandoned' end as detail, channel_key,
        campaign_key, false as is_conversion, null::numeric as amount_eur
    from {{ ref('fact_web_sessions') }}
    union all
    select
        customer_key, 'order/' || order_key as touchpoint_id, occurred_at, date_key, system,
        case when order_type = 'return' then 'return' else 'purchase' end as touchpoint_type,
        coalesce(status, order_type) as detail, channel_key, campaign_key, is_bought as is_conversion,
        case when is_bought or order_type = 'return' then amount_eur end as amount_eur
    from {{ ref('fact_orders') }}
    union all
    select
        customer_key, 'transaction/' || transaction_key as touchpoint_id, occurred_at, date_key, system,
        case when transaction_type = 'refund' then 'return' else 'purchase' end as touchpoint_type,
        'on account' as detail, channel_key, campaign_key, transaction_type = 'purchase' as is_conversion,
        spend_eur as amount_eur
    from {{ ref('fact_transactions') }}
    where system = 'finance' and transaction_type in ('purchase', 'refund')
    union all
    select
        customer_key, 'response/' || campaign_response_key as touchpoint_id, occurred_at, date_key, system,
        'email_' || response_type as touchpoint_type, null as detail, channel_key, campaign_key,
        false as is_conversion, null as amount_eur
    from {{ ref('fact_campaign_responses') }}
    where entity = 'email_events' and (is_engagement or response_type = 'unsubscribe')
    union all
    select
        customer_key, 'contact/' || interaction_key as touchpoint_id, occurred_at, date_key, system,
        case
            when is_complaint then 'complaint'
            when interaction_type in ('social', 'survey', 'store_talk', 'branch_contact') then interaction_type
            else 'service_contact'
        end as touchpoint_type,
        interaction_type as detail, channel_key, campaign_key, false as is_conversion, null as amount_eur
    from {{ ref('fact_interactions') }}
    where interaction_type is distinct from 'note'
    union all
    select
        customer_key, 'review/' || review_key as touchpoint_id, occurred_at, date_key, system,
        'review' as touchpoint_type, rating || ' of 5' as detail, null as channel_key, null as campaign_key,
        false as is_conversion, null as amount_eur
    from {{ ref('fact_reviews') }}
    where not is_deleted
    union all
    select
        customer_key, 'lead/' || lead_key as touchpoint_id, occurred_at, date_key, system, 'lead' as touchpoint_type,
        lead_source as detail, channel_key, campaign_key, false as is_conversion, null as amount_eur
    from {{ ref('fact_leads') }}
    where entity = 'leads'
    union all
    -- Days have no time of day: an account opens with the beginning of its day.
    select
        accounts.customer_key, 'account/' || accounts.account_key as touchpoint_id,
        {{ start_of_day('accounts.opened_date') }} as occurred_at,
        {{ date_key('accounts.opened_date') }} as date_key, accounts.system, 'product_opened' as touchpoint_type,
        accounts.account_type as detail, null as channel_key, null as campaign_key, true as is_conversion,
        null as amount_eur
    from {{ ref('dim_account') }} as accounts
    where accounts.opened_date is not null and accounts.system <> 'bureau'
)

select *
from touchpoints
where customer_key is not null and occurred_at is not null and date_key is not null
