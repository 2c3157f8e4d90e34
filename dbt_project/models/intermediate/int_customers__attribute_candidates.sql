{{ config(tags=['marts']) }}

with

extras as (
    select
        record_id, marital_status, null::text as education_level, null::text as income_bracket,
        join_date::text as join_date, null::text as lifestyle_segment, null::text as credit_score,
        customer_id_crm as customer_id
    from {{ ref('stg_crm__customers') }}
    union all
    select
        record_id, marital_status, education_level, income_bracket, null as join_date, lifestyle_segment,
        null as credit_score, null as customer_id
    from {{ ref('stg_demographics__customers') }}
    union all
    select
        record_id, null as marital_status, null as education_level, null as income_bracket, null as join_date,
        null as lifestyle_segment, credit_score::text as credit_score, null as customer_id
    from {{ ref('stg_finance__accounts') }}
),

records as (
    select
        crosswalk.customer_key, records.*, comparable.batch_date, comparable.recorded_at, comparable.first_seen_date,
        extras.marital_status, extras.education_level, extras.income_bracket, extras.join_date,
        extras.lifestyle_segment, extras.credit_score, extras.customer_id,
        records.first_name is not null and records.last_name is not null as has_whole_name,
        records.city is not null as has_whole_address,
        case records.country when 'GB' then 'UK' else records.country end as published_country
    from {{ source('identity', 'records') }} as records
    inner join {{ source('identity', 'crosswalk') }} as crosswalk on records.record_id = crosswalk.record_id
    inner join {{ ref('int_people__comparable') }} as comparable on records.record_id = comparable.record_id
    left join extras on records.record_id = extras.record_id
),

-- The values are in the form in which core and marts publish them: words with a capital, and UK for GB.
unpivoted as (
    select
        records.customer_key, attributes.attribute_group, attributes.attribute, attributes.value,
        attributes.is_whole_group, records.system, records.record_id, records.batch_date, records.recorded_at,
        records.first_seen_date
    from records
    inner join lateral (
        values
        ('customer_id', 'customer_id', records.customer_id, true),
        ('name', 'first_name', records.first_name, records.has_whole_name),
        ('name', 'last_name', records.last_name, records.has_whole_name),
        ('email', 'email', records.email, true),
        ('phone', 'phone', records.phone, true),
        ('date_of_birth', 'date_of_birth', records.date_of_birth::text, true),
        ('birth_year', 'birth_year', records.birth_year::text, true),
        ('gender', 'gender', initcap(records.gender), true),
        ('marital_status', 'marital_status', initcap(records.marital_status), true),
        ('education_level', 'education_level', records.education_level, true),
        ('occupation', 'occupation', records.occupation, true),
        ('income_bracket', 'income_bracket', records.income_bracket, true),
        ('join_date', 'join_date', records.join_date, true),
        ('address', 'address_line', records.address_line, records.has_whole_address),
        ('address', 'city', records.city, records.has_whole_address),
        ('address', 'postcode', records.postcode, records.has_whole_address),
        ('address', 'country', records.published_country, records.has_whole_address),
        ('lifestyle_segment', 'lifestyle_segment', records.lifestyle_segment, true),
        ('credit_score', 'credit_score', records.credit_score, true)
    ) as attributes (attribute_group, attribute, value, is_whole_group) on attributes.value is not null
)

select
    unpivoted.*,
    survivorship.preference,
    survivorship.rule,
    dense_rank() over (
        partition by unpivoted.customer_key, unpivoted.attribute_group
        order by
            unpivoted.is_whole_group desc,
            survivorship.preference asc,
            case when survivorship.rule = 'oldest' then unpivoted.first_seen_date end asc,
            case when survivorship.rule = 'newest' then unpivoted.batch_date end desc,
            case when survivorship.rule = 'newest' then unpivoted.recorded_at end desc nulls last,
            unpivoted.record_id asc
    ) as rank
from unpivoted
inner join {{ ref('survivorship') }} as survivorship
    on unpivoted.attribute_group = survivorship.attribute_group and unpivoted.system = survivorship.system
