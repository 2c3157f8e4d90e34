with

-- Whatever somebody has said about being contacted: a consent, its withdrawal, an opt-out, a newsletter.
statements as (
    select
        'marketing' as system, 'consents' as entity, source_key, record_id, 'consent' as consent_kind, channel,
        null::text as newsletter, consent_action, stated_at, null::timestamptz as ended_at, stated_over,
        null::text as reason, first_seen_date as known_since_date, batch_date, file_id, row_number
    from {{ ref('stg_marketing__consents') }}
    union all
    select
        'marketing' as system, 'opt_outs' as entity, source_key, record_id, 'opt_out' as consent_kind, channel,
        null as newsletter, 'withdrawn' as consent_action, opted_out_at as stated_at, null as ended_at,
        null as stated_over, reason, first_seen_date as known_since_date, batch_date, file_id, row_number
    from {{ ref('stg_marketing__opt_outs') }}
    union all
    select
        'marketing' as system, 'email_events' as entity, source_key, record_id, 'opt_out' as consent_kind,
        'email' as channel, null as newsletter, 'withdrawn' as consent_action, recorded_at as stated_at,
        null as ended_at, 'unsubscribe link' as stated_over, null as reason, first_seen_date as known_since_date,
        batch_date, file_id, row_number
    from {{ ref('stg_marketing__email_events') }}
    where event_type = 'unsubscribe'
    union all
    select
        'marketing' as system, 'newsletter_subscriptions' as entity, source_key, record_id,
        'newsletter' as consent_kind, 'email' as channel, newsletter,
        case when unsubscribed_at is null then 'given' else 'withdrawn' end as consent_action,
        subscribed_at as stated_at, unsubscribed_at as ended_at, null as stated_over, null as reason,
        first_seen_date as known_since_date, batch_date, file_id, row_number
    from {{ ref('stg_marketing__newsletter_subscriptions') }}
    union all
    select
        'ecommerce' as system, 'accounts' as entity, source_key, record_id, 'newsletter' as consent_kind,
        'email' as channel, 'online shop' as newsletter,
        case when is_newsletter_subscriber then 'given' else 'withdrawn' end as consent_action,
        coalesce(recorded_at, registered_at) as stated_at, null as ended_at, null as stated_over, null as reason,
        first_seen_date as known_since_date, batch_date, file_id, row_number
    from {{ ref('stg_ecommerce__accounts') }}
    where is_newsletter_subscriber is not null and not is_deleted
),

known as (
    select
        statements.*,
        crosswalk.customer_key,
        greatest(statements.stated_at, statements.ended_at) as last_stated_at
    from statements
    left join {{ source('identity', 'crosswalk') }} as crosswalk on statements.record_id = crosswalk.record_id
)

-- Of two statements of one moment the one that withdraws counts.
select
    md5(known.system || '/' || known.entity || '/' || known.source_key) as consent_key,
    known.customer_key,
    known.system,
    known.entity,
    known.source_key as consent_id,
    known.consent_kind,
    known.channel,
    words.channel_key,
    known.newsletter,
    known.consent_action,
    known.stated_at as occurred_at,
    {{ date_key(utc_day('known.stated_at')) }} as date_key,
    known.ended_at,
    known.stated_over,
    known.reason,
    row_number() over (
        partition by
            coalesce(known.customer_key::text, known.record_id), known.channel, known.consent_kind = 'newsletter',
            known.newsletter
        order by
            known.last_stated_at desc nulls last, known.consent_action desc, known.batch_date desc, known.entity asc,
            known.source_key asc
    ) = 1 as is_latest,
    known.known_since_date,
    known.batch_date,
    known.file_id,
    known.row_number
from known
{{ join_channels('known') }}
