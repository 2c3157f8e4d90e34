{{ config(tags=['marts']) }}

-- Who a browser belongs to, over time. A cart of an account says as much as a log-in.
with

starts as (
    select
        anonymous_id_web,
        session_id_web as seen_in,
        user_id_web,
        'web/users/' || user_id_web as record_id,
        valid_from_at as owned_from
    from {{ ref('int_web__visit_users') }}
    union all
    select
        carts.anonymous_id_web,
        carts.cart_id_ecommerce as seen_in,
        accounts.user_id_web,
        coalesce(users.record_id, carts.record_id) as record_id,
        carts.created_at as owned_from
    from {{ ref('stg_ecommerce__carts') }} as carts
    inner join {{ ref('stg_ecommerce__accounts') }} as accounts on carts.record_id = accounts.record_id
    left join {{ ref('stg_web__users') }} as users on accounts.user_id_web = users.user_id_web
    where carts.anonymous_id_web is not null and carts.created_at is not null
),

changes as (
    select
        starts.*,
        lag(starts.record_id) over (
            partition by starts.anonymous_id_web order by starts.owned_from, starts.seen_in, starts.record_id
        ) as record_before
    from starts
)

-- What was there before the first log-in belongs to it.
select
    anonymous_id_web,
    user_id_web,
    record_id,
    case when record_before is null then '-infinity'::timestamptz else owned_from end as valid_from_at,
    lead(owned_from, 1, 'infinity'::timestamptz) over (
        partition by anonymous_id_web order by owned_from, seen_in, record_id
    ) as valid_to_at,
    record_before is null as is_first_owner
from changes
where record_before is distinct from record_id
