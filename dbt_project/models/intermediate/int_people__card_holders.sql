{{ config(tags=['marts']) }}

-- A card that records of two customers use (a couple's) says nothing.
with

uses as (
    select card_token, record_id from {{ ref('stg_pos__transactions') }}
    where loyalty_number_pos is not null
    union all
    select card_token, record_id from {{ ref('stg_ecommerce__orders') }}
    union all
    select card_token, record_id from {{ ref('stg_wealth__card_accounts') }}
    union all
    select card_token, record_id from {{ ref('stg_lending__people') }}
    union all
    select card_token, record_id from {{ ref('stg_finance__accounts') }}
)

select
    uses.card_token,
    min(crosswalk.customer_key) as customer_key
from uses
inner join {{ source('identity', 'crosswalk') }} as crosswalk on uses.record_id = crosswalk.record_id
where uses.card_token is not null
group by uses.card_token
having count(distinct crosswalk.customer_key) = 1
