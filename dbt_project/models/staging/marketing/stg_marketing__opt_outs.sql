with

released as (
    {{ released('marketing', 'contacts') }}
),

unnested as (

    select
        {{ blank_to_null('released.contact_id') }} as contact_id_marketing,
        {{ to_timestamp('released.updated_at') }} as contact_updated_at,
        released.batch_date,
        released.file_id,
        released.row_number,
        item.value as opt_out
    from released
    cross join lateral jsonb_array_elements(
        case
            when jsonb_typeof({{ to_json('released.opt_outs') }}) = 'array' then released.opt_outs::jsonb
            else '[]'::jsonb
        end
    ) as item (value)

),

typed as (

    select
        {{ blank_to_null("opt_out ->> 'opt_out_id'") }} as source_key,
        'marketing/contacts/' || contact_id_marketing as record_id,
        contact_id_marketing,
        {{ blank_to_null("opt_out ->> 'channel'") }} as channel,
        {{ to_timestamp("opt_out ->> 'at'") }} as opted_out_at,
        {{ blank_to_null("opt_out ->> 'reason'") }} as reason,
        contact_updated_at as recorded_at,
        batch_date,
        file_id,
        row_number,
        {{ content_hash('opt_out') }} as content_hash
    from unnested

),

final as (
    {{ latest_version('typed') }}
)

select * from final
