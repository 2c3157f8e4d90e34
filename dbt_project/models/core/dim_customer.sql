with

as_of as (select max(batch_date) as as_of_date from {{ source('ops', 'build_files') }}),

deliveries as (
    select
        crosswalk.customer_key,
        max(comparable.batch_date) as last_updated,
        string_agg(distinct comparable.system, ',' order by comparable.system) as data_source
    from {{ source('identity', 'crosswalk') }} as crosswalk
    inner join {{ ref('int_people__comparable') }} as comparable on crosswalk.record_id = comparable.record_id
    group by crosswalk.customer_key
),

activity as (
    select
        crosswalk.customer_key,
        bool_or(activity.is_active) as is_stated_active,
        max(activity.last_active_date) as last_active_date
    from {{ source('identity', 'crosswalk') }} as crosswalk
    inner join {{ ref('int_people__activity_stated') }} as activity on crosswalk.record_id = activity.record_id
    group by crosswalk.customer_key
)

select
    deliveries.customer_key::bigint as customer_key,
    survived.customer_id,
    survived.first_name,
    survived.last_name,
    survived.email,
    survived.phone,
    survived.date_of_birth::date as date_of_birth,
    coalesce(extract(year from survived.date_of_birth::date)::integer, survived.birth_year::integer) as birth_year,
    survived.gender,
    survived.marital_status,
    survived.education_level,
    survived.occupation,
    survived.income_bracket,
    survived.join_date::date as join_date,
    survived.location_key,
    survived.address_line,
    deliveries.last_updated,
    deliveries.data_source,
    coalesce(
        activity.is_stated_active,
        activity.last_active_date > as_of.as_of_date - {{ var('active_days') }},
        false
    ) as is_active
from deliveries
cross join as_of
inner join {{ ref('int_customers__survived') }} as survived on deliveries.customer_key = survived.customer_key
left join activity on deliveries.customer_key = activity.customer_key
