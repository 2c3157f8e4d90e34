{{ config(tags=['marts']) }}

with

extras as (
    select
        record_id, record_time, first_seen_date, marital_status, null::text as education_level,
        null::text as income_bracket, join_date::text as join_date, null::text as lifestyle_segment,
        null::text as credit_score, customer_id_crm as customer_id
    from {{ ref('stg_crm__customers') }}
    union all
    select
        record_id, record_time, first_seen_date, family_status as marital_status, education_level, income_bracket,
        null as join_date, lifestyle_segment, null as credit_score, null as customer_id
    from {{ ref('stg_demographics__customers') }}
    union all
    select
        record_id, record_time, first_seen_date, null as marital_status, null as education_level,
        null as income_bracket, null as join_date, null as lifestyle_segment, credit_score::text as credit_score,
        null as customer_id
    from {{ ref('stg_finance__accounts') }}
),

records as (
    select
        crosswalk.customer_key, records.*, comparable.batch_date, comparable.record_time,
        coalesce(extras.first_seen_date, comparable.batch_date) as first_seen_date, extras.marital_status,
        extras.education_level, extras.income_bracket, extras.join_date, extras.lifestyle_segment,
        extras.credit_score, extras.customer_id
    from {{ source('identity', 'records') }} as records
    inner join {{ source('identity', 'crosswalk') }} as crosswalk on records.record_id = crosswalk.record_id
    inner join {{ ref('int_people__comparable') }} as comparable on records.record_id = comparable.record_id
    left join extras on records.record_id = extras.record_id
),

unpivoted as (
    select
        records.customer_key, attributes.attribute, attributes.value, records.system, records.record_id,
        records.batch_date, records.record_time, records.first_seen_date
    from records
    inner join lateral (
        values
        ('customer_id', records.customer_id),
        ('first_name', records.first_name),
        ('last_name', records.last_name),
        ('email', records.email),
        ('phone', records.phone),
        ('date_of_birth', records.date_of_birth::text),
        ('birth_year', records.birth_year::text),
        ('gender', records.gender),
        ('marital_status', records.marital_status),
        ('education_level', records.education_level),
        ('occupation', records.occupation),
        ('income_bracket', records.income_bracket),
        ('join_date', records.join_date),
        ('address_line', records.address_line),
        ('city', records.city),
        ('postcode', records.postcode),
        ('country', records.country),
        ('lifestyle_segment', records.lifestyle_segment),
        ('credit_score', records.credit_score)
    ) as attributes (attribute, value) on attributes.value is not null
)

select
    unpivoted.*,
    survivorship.preference,
    survivorship.rule,
    row_number() over (
        partition by unpivoted.customer_key, unpivoted.attribute
        order by
            survivorship.preference asc,
            case when survivorship.rule = 'oldest' then unpivoted.first_seen_date end asc,
            case when survivorship.rule = 'newest' then unpivoted.batch_date end desc,
            case when survivorship.rule = 'newest' then unpivoted.record_time end desc nulls last,
            unpivoted.record_id asc
    ) as place
from unpivoted
inner join {{ ref('survivorship') }} as survivorship
    on unpivoted.attribute = survivorship.attribute and unpivoted.system = survivorship.system
