{{ config(tags=['marts']) }}

with

visits as (select * from {{ ref('int_web__visits') }}),

-- A device says something only where one user alone has ever logged in on it; an address where it is of one user.
device_users as (
    select
        devices.device_id_web,
        min(visits.lowest_user) as user_id_web
    from visits
    cross join lateral (values (visits.lowest_device), (visits.highest_device)) as devices (device_id_web)
    where devices.device_id_web is not null
    group by devices.device_id_web
    having min(visits.lowest_user) = max(visits.highest_user)
),

email_users as (
    select
        emails.email,
        min(visits.lowest_user) as user_id_web
    from visits
    cross join lateral (values (visits.lowest_email), (visits.highest_email)) as emails (email)
    where emails.email is not null
    group by emails.email
    having min(visits.lowest_user) = max(visits.highest_user)
),

browser_emails as (
    select
        anonymous_id_web,
        min(lowest_email) as email
    from visits
    group by anonymous_id_web
    having min(lowest_email) = max(highest_email)
),

-- Of each visit without a log-in the record of the person; the first step that names one ends the search.
found as (
    select
        visits.anonymous_id_web,
        visits.session_id_web,
        owners.user_id_web as browser_user,
        owners.record_id as browser_record,
        device_users.user_id_web as device_user,
        email_users.user_id_web as email_user
    from visits
    left join {{ ref('int_web__browser_owners') }} as owners
        on
            visits.anonymous_id_web = owners.anonymous_id_web
            and visits.started_at >= owners.valid_from_at
            and visits.started_at < owners.valid_to_at
    left join device_users
        on visits.lowest_device = device_users.device_id_web and visits.lowest_device = visits.highest_device
    left join browser_emails on visits.anonymous_id_web = browser_emails.anonymous_id_web
    left join email_users on browser_emails.email = email_users.email
    where visits.lowest_user is null
),

stitched as (
    select
        events.source_key,
        events.user_id_web,
        coalesce(visit_users.user_id_web, found.browser_user) as browser_user,
        coalesce('web/users/' || visit_users.user_id_web, found.browser_record) as browser_record,
        found.device_user,
        found.email_user
    from {{ ref('stg_web__events') }} as events
    left join found
        on events.anonymous_id_web = found.anonymous_id_web and events.session_id_web = found.session_id_web
    left join {{ ref('int_web__visit_users') }} as visit_users
        on
            events.anonymous_id_web = visit_users.anonymous_id_web
            and events.session_id_web = visit_users.session_id_web
            and events.recorded_at >= visit_users.valid_from_at
            and events.recorded_at < visit_users.valid_to_at
)

select
    source_key as event_id,
    case
        when user_id_web is not null then user_id_web
        when browser_record is not null then browser_user
        else coalesce(device_user, email_user)
    end as user_id_web,
    coalesce(
        'web/users/' || user_id_web, browser_record, 'web/users/' || device_user, 'web/users/' || email_user
    ) as record_id,
    case
        when user_id_web is not null then 'user_id'
        when browser_record is not null then 'anonymous_id'
        when device_user is not null then 'device_id'
        when email_user is not null then 'email'
        else 'none'
    end as stitched_by
from stitched
