{{ config(tags=['marts']) }}

-- Visits are far fewer than events, so whatever a visit tells is found out per visit, in one pass.
select
    anonymous_id_web,
    session_id_web,
    min(recorded_at) as started_at,
    min(user_id_web) as lowest_user,
    max(user_id_web) as highest_user,
    min(device_id_web) as lowest_device,
    max(device_id_web) as highest_device,
    min(email) as lowest_email,
    max(email) as highest_email
from {{ ref('stg_web__events') }}
group by anonymous_id_web, session_id_web
