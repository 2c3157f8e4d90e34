-- A debt is an object with amount and years, or the bare amount, and changes from one to the other at will.
with

released as (
    {{ released('lending', 'people') }}
),

numbered as (
    {{ lending_rows() }}
),

debts as (

    select
        numbered.*,
        numbered.source_key as person_key,
        coalesce(jsonb_typeof({{ to_json('debt') }}) = 'object', false) as is_object
    from numbered
    where numbered.debt is not null

),

typed as (

    select
        debts.person_key || '/' || debts.batch_date as source_key,
        'lending/people/' || debts.person_key as record_id,
        case
            when debts.is_object then {{ to_number("debts.debt::jsonb ->> 'amount'") }}
            else {{ to_number('debts.debt') }}
        end as debt_amount,
        'EUR'::text as currency,
        case when debts.is_object then {{ to_number("debts.debt::jsonb ->> 'time_period_years'") }} end as debt_years,
        debts.recorded_at,
        debts.batch_date,
        debts.file_id,
        debts.row_number,
        debts.content_hash
    from debts

),

final as (
    {{ latest_version('typed') }}
)

select
    final.*,
    {{ is_in_latest_snapshot('lending', 'people') }} as is_in_latest_snapshot
from final
