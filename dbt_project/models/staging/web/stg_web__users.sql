-- A login says who somebody is by its e-mail address alone; the newest address counts.
with

events as (
    select * from {{ ref('stg_web__events') }}
    where user_id_web is not null
),

spans as (

    select
        user_id_web,
        min(recorded_at) as first_seen_at,
        max(recorded_at) as last_seen_at,
        count(*) as events_count,
        min(first_seen_date) as first_seen_date,
        max(last_seen_date) as last_seen_date
    from events
    group by user_id_web

),

newest as (

    select distinct on (user_id_web) *
    from events
    order by
        user_id_web asc, (email is not null) desc, recorded_at desc nulls last, content_hash desc, source_key desc

),

final as (

    select
        newest.user_id_web as source_key,
        newest.record_id,
        newest.user_id_web,
        newest.email,
        spans.first_seen_at,
        spans.last_seen_at,
        spans.events_count,
        newest.recorded_at,
        newest.batch_date,
        newest.file_id,
        newest.row_number,
        newest.content_hash,
        spans.first_seen_date,
        spans.last_seen_date
    from newest
    inner join spans on newest.user_id_web = spans.user_id_web

)

select * from final
