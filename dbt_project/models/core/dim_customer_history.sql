{% set versioned = [
    'customer_id', 'first_name', 'last_name', 'email', 'phone', 'date_of_birth', 'birth_year', 'gender',
    'marital_status', 'education_level', 'occupation', 'income_bracket', 'join_date', 'location_key', 'address_line',
    'data_source', 'lifestyle_segment', 'geographic_segment', 'credit_score', 'yearly_income_eur', 'dependants',
    'employer', 'language', 'purchase_propensity', 'competitor_spend_eur',
] -%}
{#- What only survives as text; the others are columns of dim_customer. -#}
{% set typed -%}
    lifestyle_segment, geographic_segment, credit_score::bigint as credit_score,
    yearly_income_eur::numeric as yearly_income_eur, dependants::integer as dependants, employer, language,
    purchase_propensity::numeric as purchase_propensity, competitor_spend_eur::numeric as competitor_spend_eur
{%- endset %}

with

last_changes as (
    select
        crosswalk.customer_key,
        max(greatest(comparable.first_seen_date, versions.valid_to_date, departures.gone_date)) as valid_from_date
    from {{ source('identity', 'crosswalk') }} as crosswalk
    inner join {{ ref('int_people__comparable') }} as comparable on crosswalk.record_id = comparable.record_id
    left join {{ ref('int_people__versions') }} as versions on crosswalk.record_id = versions.record_id
    left join {{ ref('int_people__departures') }} as departures on crosswalk.record_id = departures.record_id
    group by crosswalk.customer_key
),

survived as (
    select customer_key, {{ typed }}
    from {{ ref('int_customers__survived') }}
),

present as (
    select
        customers.customer_key, last_changes.valid_from_date,
        {{ columns_of('customers', versioned[:16]) }},
        {{ columns_of('survived', versioned[16:]) }}
    from {{ ref('dim_customer') }} as customers
    inner join last_changes on customers.customer_key = last_changes.customer_key
    inner join survived on customers.customer_key = survived.customer_key
),

past as (
    select
        customer_key, as_of_date as valid_from_date, customer_id, first_name, last_name, email, phone,
        date_of_birth::date as date_of_birth,
        coalesce(extract(year from date_of_birth::date)::integer, birth_year::integer) as birth_year,
        gender, marital_status, education_level, occupation, income_bracket, join_date::date as join_date, location_key,
        address_line, data_source, {{ typed }}
    from {{ ref('int_customers__past_survivors') }}
),

dated as (
    select past.*, jsonb_build_array({{ columns_of('past', versioned) }}) as content
    from past
    union all
    select present.*, jsonb_build_array({{ columns_of('present', versioned) }}) as content
    from present
),

-- A record may change without changing what survives: such a day begins no version.
changes as (
    select
        dated.*,
        lag(dated.content) over (partition by dated.customer_key order by dated.valid_from_date) as former_content
    from dated
),

versions as (
    select
        changes.*,
        row_number() over (partition by changes.customer_key order by changes.valid_from_date) as version_number,
        lead(changes.valid_from_date) over (
            partition by changes.customer_key order by changes.valid_from_date
        ) as valid_to_date
    from changes
    where changes.content is distinct from changes.former_content
)

select
    md5(versions.customer_key || '/' || versions.valid_from_date) as customer_history_key,
    versions.customer_key,
    versions.version_number::integer as version_number,
    versions.valid_from_date,
    versions.valid_to_date,
    versions.valid_to_date is null as is_current,
    {{ columns_of('versions', versioned) }}
from versions
