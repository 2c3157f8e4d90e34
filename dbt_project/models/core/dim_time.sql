with

bounds as (
    select least(min(day), '2020-01-01'::date) as first_day, max(day) as last_day
    from (
        select (occurred_at at time zone 'UTC')::date as day from {{ ref('int_transactions__unioned') }}
        union all
        select (recorded_at at time zone 'UTC')::date from {{ ref('stg_service__interactions') }}
        union all
        select last_used_date from {{ ref('stg_usage__product_usage') }}
        union all
        select max(batch_date) from {{ source('ops', 'build_files') }}
    ) as days
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
