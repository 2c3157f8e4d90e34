{{ config(tags=['marts']) }}

select
    currency,
    valid_from_date,
    coalesce(
        lead(valid_from_date) over (partition by currency order by valid_from_date), 'infinity'::date
    ) as valid_to_date,
    eur_per_unit
from {{ ref('exchange_rates') }}
