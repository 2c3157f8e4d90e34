{{ config(tags=['stage']) }}

{#- What systems state of a person besides what is compared; a customer id is one that the crm itself has given. -#}
{% set stated = {
    ref('stg_crm__customers'): {
        'customer_id': 'customer_id_crm', 'marital_status': 'marital_status', 'join_date': 'join_date',
    },
    ref('stg_demographics__customers'): {
        'marital_status': 'marital_status', 'education_level': 'education_level', 'income_bracket': 'income_bracket',
        'lifestyle_segment': 'lifestyle_segment', 'geographic_segment': 'geographic_segment',
        'purchase_propensity': 'purchase_propensity', 'competitor_spend_eur': 'competitor_spend_eur',
    },
    ref('stg_finance__accounts'): {'credit_score': 'credit_score'},
    ref('stg_bureau__credit_reports'): {'credit_score': 'credit_score'},
    ref('stg_hr__employees'): {
        'marital_status': 'marital_status', 'dependants': 'dependants', 'employer': 'company',
        'yearly_income': 'case when is_retired then pension else salary end', 'income_currency': 'currency',
    },
    ref('stg_wealth__clients'): {'yearly_income': 'declared_income', 'income_currency': 'currency'},
    ref('stg_marketing__contacts'): {'language': 'language'},
} -%}
{% set names = [
    'customer_id', 'marital_status', 'education_level', 'income_bracket', 'join_date', 'lifestyle_segment',
    'geographic_segment', 'credit_score', 'yearly_income', 'income_currency', 'dependants', 'employer', 'language',
    'purchase_propensity', 'competitor_spend_eur',
] -%}

{% for relation, columns in stated.items() %}
    select
        {% for name in names -%}
            {{ '(' ~ columns[name] ~ ')::text' if name in columns else 'null::text' }} as {{ name }},
        {% endfor %}
        record_id
    from {{ relation }}
    {{ 'union all' if not loop.last }}
{% endfor %}
