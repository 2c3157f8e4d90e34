-- Every released delivery of an account carries the transactions since the last one, so all of them are unnested.
with

released as (
    {{ released('finance', 'accounts') }}
),

unnested as (

    select
        {{ blank_to_null('released.account_id') }} as account_id_finance,
        {{ blank_to_null('released.currency') }} as account_currency,
        released.batch_date,
        released.file_id,
        released.row_number,
        item.value as transaction
    from released
    cross join lateral jsonb_array_elements(
        case
            when jsonb_typeof({{ to_json('released.transaction_history') }}) = 'array'
                then released.transaction_history::jsonb
            else '[]'::jsonb
        end
    ) as item (value)

),

typed as (

    select
        {{ blank_to_null("transaction ->> 'transaction_id'") }} as source_key,
        'finance/accounts/' || account_id_finance as record_id,
        account_id_finance,
        {{ to_timestamp("transaction ->> 'occurred_at'") }} as recorded_at,
        {{ to_number("transaction ->> 'amount'") }} as amount,
        coalesce({{ blank_to_null("transaction ->> 'currency'") }}, account_currency) as currency,
        {{ blank_to_null("transaction ->> 'type'") }} as transaction_type,
        {{ blank_to_null("transaction ->> 'product_id'") }} as product_id,
        {{ blank_to_null("transaction ->> 'channel'") }} as channel,
        {{ mask_text(blank_to_null("transaction ->> 'description'")) }} as description,
        batch_date,
        file_id,
        row_number,
        {{ content_hash('transaction') }} as content_hash
    from unnested

),

final as (
    {{ latest_version('typed') }}
)

select * from final
