with

released as (
    {{ released('bank', 'accounts') }}
),

typed as (

    select
        {{ blank_to_null('account_id') }} as source_key,
        {{ blank_to_null('account_id') }} as account_id_bank,
        {{ blank_to_null('district_id') }} as district_id_bank,
        frequency as statement_frequency,
        {{ to_bank_date('"date"') }} as opened_date,
        null::timestamptz as recorded_at,
        batch_date,
        file_id,
        row_number,
        content_hash
    from released

),

final as (
    {{ latest_version('typed') }}
)

select * from final
