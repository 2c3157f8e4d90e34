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
),

-- A steward's correction stands in the place of its record's own value and comes before every system, the latest first.
corrections as (
    select
        records.customer_key, corrections.field as attribute, corrections.value, records.system, records.record_id,
        records.batch_date, records.record_time, records.first_seen_date, 0 as preference,
        'steward decision ' || corrections.decision_id as rule, corrections.decision_id
    from {{ source('identity', 'applied_corrections') }} as corrections
    inner join records on corrections.record_id = records.record_id
),

delivered as (
    select
        unpivoted.*, survivorship.preference, survivorship.rule, null::bigint as decision_id
    from unpivoted
    inner join {{ ref('survivorship') }} as survivorship
        on unpivoted.attribute = survivorship.attribute and unpivoted.system = survivorship.system
    where not exists (
        select 1 from corrections
        where corrections.record_id = unpivoted.record_id and corrections.attribute = unpivoted.attribute
    )
),

candidates as (
    select * from corrections
    union all
    select * from delivered
)

select
    customer_key,
    attribute,
    value,
    system,
    record_id,
    batch_date,
    record_time,
    first_seen_date,
    preference,
    rule,
    row_number() over (
        partition by customer_key, attribute
        order by
            preference asc,
            decision_id desc,
            case when rule = 'oldest' then first_seen_date end asc,
            case when rule = 'newest' then batch_date end desc,
            case when rule = 'newest' then record_time end desc nulls last,
            record_id asc
    ) as place
from candidates
