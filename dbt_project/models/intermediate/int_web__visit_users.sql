{{ config(tags=['marts']) }}

-- A visit with a log-in belongs from its first event on to who logged in; where several did, to each from the first
-- event on that names him.
with


visits as (
    select * from {{ ref('int_web__visits') }}
    where lowest_user is not null
),

logins as (
    select
        events.anonymous_id_web, events.session_id_web, events.user_id_web, visits.started_at,
        min(events.recorded_at) as known_from
    from {{ ref('stg_web__events') }} as events
    inner join visits
        on
            events.anonymous_id_web = visits.anonymous_id_web
            and events.session_id_web = visits.session_id_web
            and visits.lowest_user <> visits.highest_user
    where events.user_id_web is not null
    group by events.anonymous_id_web, events.session_id_web, events.user_id_web, visits.started_at
)

select
    anonymous_id_web,
    session_id_web,
    lowest_user as user_id_web,
    started_at as valid_from_at,
    'infinity'::timestamptz as valid_to_at
from visits
where lowest_user = highest_user
union all
select
    anonymous_id_web,
    session_id_web,
    user_id_web,
    case when row_number() over visit = 1 then started_at else known_from end as valid_from_at,
    lead(known_from, 1, 'infinity'::timestamptz) over visit as valid_to_at
from logins
window visit as (partition by anonymous_id_web, session_id_web order by known_from, user_id_web)
