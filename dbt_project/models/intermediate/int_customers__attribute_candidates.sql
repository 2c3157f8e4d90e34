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

corrected_records as (
    select
        record_id,
        max(decision_id) filter (where field in ('first_name', 'last_name')) as name_decision_id,
        max(decision_id) filter (where field in ('address_line', 'city', 'postcode', 'country')) as address_decision_id
    from {{ source('identity', 'applied_corrections') }}
    group by record_id
),

records as (
    select
        crosswalk.customer_key, records.*, comparable.batch_date, comparable.recorded_at, comparable.first_seen_date,
        extras.marital_status, extras.education_level, extras.income_bracket, extras.join_date,
        extras.lifestyle_segment, extras.credit_score, extras.customer_id,
        records.first_name is not null and records.last_name is not null as has_whole_name,
        records.city is not null as has_whole_address,
        corrected_records.name_decision_id, corrected_records.address_decision_id
    from {{ source('identity', 'records') }} as records
    inner join {{ source('identity', 'crosswalk') }} as crosswalk on records.record_id = crosswalk.record_id
    inner join {{ ref('int_people__comparable') }} as comparable on records.record_id = comparable.record_id
    left join extras on records.record_id = extras.record_id
    left join corrected_records on records.record_id = corrected_records.record_id
),

unpivoted as (
    select
        records.customer_key, attributes.attribute, attributes.value, records.system, records.record_id,
        records.batch_date, records.recorded_at, records.first_seen_date, records.has_whole_name,
        records.has_whole_address, records.name_decision_id, records.address_decision_id
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
        records.batch_date, records.recorded_at, records.first_seen_date, records.has_whole_name,
        records.has_whole_address, records.name_decision_id, records.address_decision_id, corrections.decision_id,
        row_number() over (
            partition by records.customer_key, corrections.field order by corrections.decision_id desc
        ) as correction_rank
    from {{ source('identity', 'applied_corrections') }} as corrections
    inner join records on corrections.record_id = records.record_id
),

corrected as (
    select customer_key, attribute, count(*) as correction_count
    from corrections
    group by customer_key, attribute
),

supplied as (
    select unpivoted.*, null::bigint as decision_id, null::bigint as correction_rank
    from unpivoted
    where
        not exists (
            select 1 from corrections
            where corrections.record_id = unpivoted.record_id and corrections.attribute = unpivoted.attribute
        )
    union all
    select * from corrections
),

grouped as (
    select
        supplied.*,
        case
            when supplied.attribute in ('first_name', 'last_name') then 'name'
            when supplied.attribute in ('address_line', 'city', 'postcode', 'country') then 'address'
            else supplied.attribute
        end as attribute_group,
        case
            when supplied.attribute in ('first_name', 'last_name') then supplied.has_whole_name
            when supplied.attribute in ('address_line', 'city', 'postcode', 'country') then supplied.has_whole_address
            else true
        end as is_whole_group,
        case
            when supplied.attribute in ('first_name', 'last_name') then supplied.name_decision_id
            when supplied.attribute in ('address_line', 'city', 'postcode', 'country') then supplied.address_decision_id
            else supplied.decision_id
        end as group_decision_id
    from supplied
),

ranked as (
    select
        grouped.*,
        survivorship.preference as system_preference,
        survivorship.rule as system_rule,
        dense_rank() over (
            partition by grouped.customer_key, grouped.attribute_group
            order by
                grouped.is_whole_group desc,
                grouped.group_decision_id desc nulls last,
                survivorship.preference asc nulls last,
                case when survivorship.rule = 'oldest' then grouped.first_seen_date end asc,
                case when survivorship.rule = 'newest' then grouped.batch_date end desc,
                case when survivorship.rule = 'newest' then grouped.recorded_at end desc nulls last,
                grouped.record_id asc
        ) as group_rank
    from grouped
    left join {{ ref('survivorship') }} as survivorship
        on grouped.attribute_group = survivorship.attribute_group and grouped.system = survivorship.system
    where survivorship.preference is not null or grouped.decision_id is not null
)

-- The values are in the form in which core and marts publish them: words with a capital, and UK for GB.
select
    ranked.customer_key,
    ranked.attribute_group,
    ranked.attribute,
    case
        when ranked.attribute in ('gender', 'marital_status') then initcap(ranked.value)
        when ranked.attribute = 'country' and ranked.value = 'GB' then 'UK'
        else ranked.value
    end as value,
    ranked.is_whole_group,
    ranked.system,
    ranked.record_id,
    ranked.batch_date,
    ranked.recorded_at,
    ranked.first_seen_date,
    case when ranked.decision_id is null then ranked.system_preference else 0 end as preference,
    case
        when ranked.decision_id is null then ranked.system_rule else 'steward decision ' || ranked.decision_id
    end as rule,
    ranked.group_decision_id,
    coalesce(ranked.correction_rank, ranked.group_rank + coalesce(corrected.correction_count, 0)) as rank
from ranked
left join corrected on ranked.customer_key = corrected.customer_key and ranked.attribute = corrected.attribute
