-- The same calendar whatever the facts say: a mistyped date must not stretch it to millions of days.
with

as_of as (select max(batch_date) as as_of_date from {{ source('ops', 'build_files') }}),

days as (
    select
        generate_series('1970-01-01'::date, (as_of_date + interval '1 year')::date, interval '1 day')::date as date_day
    from as_of
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
