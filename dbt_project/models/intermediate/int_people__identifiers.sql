{{ config(tags=['stage']) }}

{#- Who states which identifier: [kind, column, relation]. A receipt without a loyalty card has the record of its bank
    card. -#}
{% set stated = [
    ['national_id', 'national_id_token', 'stg_wealth__clients'],
    ['national_id', 'national_id_token', 'stg_bureau__credit_reports'],
    ['national_id', 'national_id_token', 'stg_bureau__balances'],
    ['client_id', 'client_id_bank', 'stg_bank__clients'],
    ['client_id', 'client_id_bank', 'stg_bureau__credit_reports'],
    ['client_id', 'client_id_bank', 'stg_bureau__balances'],
    ['user_id', 'user_id_web', 'stg_web__users'],
    ['user_id', 'user_id_web', 'stg_ecommerce__accounts'],
    ['loyalty_number', 'loyalty_number_pos', 'stg_pos__members'],
    ['card', 'card_token', 'stg_pos__transactions'],
    ['card', 'card_token', 'stg_ecommerce__orders'],
    ['card', 'card_token', 'stg_wealth__card_accounts'],
    ['card', 'card_token', 'stg_lending__people'],
    ['card', 'card_token', 'stg_finance__accounts'],
    ['iban', 'iban_token', 'stg_wealth__deposits'],
    ['iban', 'iban_token', 'stg_lending__people'],
] %}

with

stated as (
    {% for kind, column, relation in stated %}
        {{ 'union all' if not loop.first }}
        select record_id, '{{ kind }}' as kind, {{ column }} as identifier, first_seen_date, last_seen_date
        from {{ ref(relation) }}
        where record_id is not null and {{ column }} is not null
    {% endfor %}
)

select
    record_id,
    kind,
    identifier,
    min(first_seen_date) as first_seen_date,
    max(last_seen_date) as last_seen_date
from stated
group by record_id, kind, identifier
