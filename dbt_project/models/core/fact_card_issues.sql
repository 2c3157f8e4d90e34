with

bank_cards as (
    select
        cards.*,
        {{ is_in_latest_snapshot('bank', 'cards') }} as is_in_latest_snapshot
    from {{ ref('stg_bank__cards') }} as cards
),

wealth_cards as (
    select
        *,
        row_number() over (partition by holding_id_wealth order by batch_date desc) as place,
        min(known_since_date) over (partition by holding_id_wealth) as card_known_since_date
    from {{ ref('int_holdings__unioned') }}
    where holding_family = 'credit_card'
),

unioned as (
    select
        'bank' as system, cards.card_id_bank as card_id, md5('bank/' || dispositions.account_id_bank) as account_key,
        'bank/clients/' || dispositions.client_id_bank as record_id, cards.card_type,
        'bank/cards/' || cards.card_type as product_id,
        dispositions.disposition_type as role, null::text as card_token, cards.issued_date, null::date as expiry_date,
        null::numeric as credit_limit, null::text as currency, cards.is_in_latest_snapshot,
        cards.first_seen_date as known_since_date, cards.batch_date, cards.file_id, cards.row_number
    from bank_cards as cards
    left join {{ ref('stg_bank__dispositions') }} as dispositions
        on cards.disposition_id_bank = dispositions.disposition_id_bank

    union all

    select
        'wealth' as system, holding_id_wealth as card_id, md5('wealth/' || holding_id_wealth) as account_key, record_id,
        product as card_type, product_id, 'holder' as role, card_token, opened_date as issued_date, null as expiry_date,
        credit_limit, currency, is_in_latest_snapshot, card_known_since_date as known_since_date, batch_date,
        file_id, row_number
    from wealth_cards
    where place = 1

    union all

    select
        'lending' as system, source_key as card_id, null as account_key, record_id, null as card_type,
        null as product_id, 'holder' as role, card_token, card_valid_from_date as issued_date,
        card_valid_until_date as expiry_date, null as credit_limit, null as currency, is_in_latest_snapshot,
        first_seen_date as known_since_date, batch_date, file_id, row_number
    from {{ ref('stg_lending__people') }}
    where card_token is not null
)

select
    md5(unioned.system || '/' || unioned.card_id) as card_issue_key,
    unioned.account_key,
    crosswalk.customer_key,
    unioned.system,
    unioned.card_id,
    unioned.card_type,
    md5(unioned.product_id) as product_key,
    unioned.role,
    unioned.card_token,
    unioned.issued_date,
    {{ start_of_day('unioned.issued_date') }} as occurred_at,
    {{ date_key('unioned.issued_date') }} as date_key,
    unioned.expiry_date,
    unioned.credit_limit,
    unioned.currency,
    round(unioned.credit_limit * rates.eur_per_unit, 2) as credit_limit_eur,
    unioned.is_in_latest_snapshot,
    unioned.known_since_date,
    unioned.batch_date,
    unioned.file_id,
    unioned.row_number
from unioned
left join {{ source('identity', 'crosswalk') }} as crosswalk on unioned.record_id = crosswalk.record_id
{{ join_rates('unioned', 'unioned.batch_date') }}
