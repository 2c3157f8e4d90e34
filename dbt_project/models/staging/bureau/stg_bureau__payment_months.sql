-- A report brings the last months; earlier ones are known from earlier reports, so all deliveries are unnested.
with

released as (
    {{ released('bureau', 'credit_reports') }}
),

unnested as (

    select
        {{ blank_to_null('released.file_number') }} as file_number_bureau,
        {{ to_timestamp('released.reported_at') }} as reported_at,
        released.batch_date,
        released.file_id,
        released.row_number,
        item.value as entry
    from released
    cross join lateral jsonb_array_elements(
        case
            when jsonb_typeof({{ to_json('released.payment_history') }}) = 'array'
                then released.payment_history::jsonb
            else '[]'::jsonb
        end
    ) as item (value)

),

typed as (

    select
        {{ blank_to_null("entry ->> '@entry'") }} as source_key,
        'bureau/credit_reports/' || file_number_bureau as record_id,
        file_number_bureau,
        {{ to_date("entry ->> '@month' || '-01'") }} as month_start_date,
        {{ blank_to_null("entry ->> '@status'") }} as payment_status,
        {{ to_integer("entry ->> 'days_late'") }} as days_late,
        {{ to_number("entry ->> 'amount_due'") }} as amount_due,
        {{ blank_to_null("entry ->> 'amount_due/@currency'") }} as currency,
        reported_at as recorded_at,
        batch_date,
        file_id,
        row_number,
        {{ content_hash('entry') }} as content_hash
    from unnested

),

final as (
    {{ latest_version('typed') }}
)

select * from final
