{#- What survives of the records of a customer, shared by the present (one row of candidates per customer) and by the past
    (per customer and day). -#}
{% macro golden_attributes() -%}
    {{ return([
        'customer_id', 'first_name', 'last_name', 'email', 'phone', 'date_of_birth', 'birth_year', 'gender',
        'marital_status', 'education_level', 'occupation', 'income_bracket', 'join_date', 'address_line', 'city',
        'postcode', 'country', 'lifestyle_segment', 'geographic_segment', 'credit_score', 'yearly_income_eur',
        'dependants', 'employer', 'language', 'purchase_propensity', 'competitor_spend_eur',
    ]) }}
{%- endmacro %}

{% macro columns_of(relation, names) -%}
    {%- for name in names %}{{ relation }}.{{ name }}{{ ', ' if not loop.last }}{% endfor -%}
{%- endmacro %}

{#- The newest rate of each currency: for amounts that no day belongs to. -#}
{% macro newest_rates() -%}
    select distinct on (currency) currency, eur_per_unit
    from {{ ref('exchange_rates') }}
    order by currency asc, valid_from_date desc
{%- endmacro %}

{#- The latest decision of a steward on the name and on the address of each record. -#}
{% macro corrected_records() -%}
    select
        record_id,
        max(decision_id) filter (where field in ('first_name', 'last_name')) as name_decision_id,
        max(decision_id) filter (where field in ('address_line', 'city', 'postcode', 'country')) as address_decision_id
    from {{ source('identity', 'applied_corrections') }}
    group by record_id
{%- endmacro %}

{#- The CTEs from `records` (the keys, the record with its delivery, and its attributes as columns) to `ranked`. -#}
{% macro ranked_candidates(keys) -%}
unpivoted as (
    select
        {{ columns_of('records', keys) }}, attributes.attribute, attributes.value, records.system, records.record_id,
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
        ('geographic_segment', records.geographic_segment),
        ('credit_score', records.credit_score),
        ('yearly_income_eur', records.yearly_income_eur),
        ('dependants', records.dependants),
        ('employer', records.employer),
        ('language', records.language),
        ('purchase_propensity', records.purchase_propensity),
        ('competitor_spend_eur', records.competitor_spend_eur)
    ) as attributes (attribute, value) on attributes.value is not null
),

-- A steward's correction stands in the place of its record's own value and comes before every system, the latest first.
corrections as (
    select
        {{ columns_of('records', keys) }}, corrections.field as attribute, corrections.value, records.system, records.record_id,
        records.batch_date, records.recorded_at, records.first_seen_date, records.has_whole_name,
        records.has_whole_address, records.name_decision_id, records.address_decision_id, corrections.decision_id,
        row_number() over (
            partition by {{ columns_of('records', keys) }}, corrections.field order by corrections.decision_id desc
        ) as correction_rank
    from {{ source('identity', 'applied_corrections') }} as corrections
    inner join records on corrections.record_id = records.record_id
),

corrected as (
    select {{ keys | join(', ') }}, attribute, count(*) as correction_count
    from corrections
    group by {{ keys | join(', ') }}, attribute
),

supplied as (
    select unpivoted.*, null::bigint as decision_id, null::bigint as correction_rank
    from unpivoted
    where
        not exists (
            select 1 from {{ source('identity', 'applied_corrections') }} as corrections
            where corrections.record_id = unpivoted.record_id and corrections.field = unpivoted.attribute
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
            partition by {{ columns_of('grouped', keys) }}, grouped.attribute_group
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
{%- endmacro %}

{#- The values of `ranked` are in the form in which core and marts publish them: words with a capital, and UK for GB. -#}
{% macro published_value() -%}
    case
        when ranked.attribute in ('gender', 'marital_status') then initcap(ranked.value)
        when ranked.attribute = 'country' and ranked.value = 'GB' then 'UK'
        else ranked.value
    end
{%- endmacro %}
