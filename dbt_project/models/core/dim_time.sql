-- A mistyped date must not make a calendar of millions of days: it has 1970 to one year after the newest batch at most.
with

as_of as (select max(batch_date) as as_of_date from {{ source('ops', 'build_files') }}),

events as (
    select
        min(days.event_date) as first_date,
        max(days.event_date) as last_date
    from (
        select (occurred_at at time zone 'UTC')::date as event_date from {{ ref('int_transactions__unioned') }}
        union all
        select (recorded_at at time zone 'UTC')::date from {{ ref('stg_service__interactions') }}
        union all
        select last_used_date from {{ ref('stg_usage__product_usage') }}
    ) as days
),

bounds as (
    select
        greatest(least(events.first_date, '2020-01-01'::date), '1970-01-01'::date) as first_day,
        least(
            greatest(events.last_date, as_of.as_of_date), (as_of.as_of_date + interval '1 year')::date
        ) as last_day
    from events
    cross join as_of
),

days as (
    select generate_series(first_day, last_day, interval '1 day')::date as date_day from bounds
)

select
    to_char(date_day, 'YYYYMMDD')::integer as date_key,
    date_day,
    extract(year from date_day)::integer as year,
    extract(quarter from date_day)::integer as quarter,
    extract(month from date_day)::integer as month,
    extract(isodow from date_day)::integer as iso_day_of_week,
    extract(week from date_day)::integer as iso_week,
    extract(isodow from date_day) > 5 as is_weekend
from days
