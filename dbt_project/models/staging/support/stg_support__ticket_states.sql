-- A ticket comes again with its whole history, so the latest version of each change is taken from all deliveries.
with

released as (
    {{ released('support', 'tickets') }}
),

unnested as (

    select
        {{ blank_to_null('released.ticket_id') }} as ticket_id_support,
        {{ contact_record_id('support', [
            'released.requester_name', 'released.requester_email', 'released.requester_phone'
        ]) }} as record_id,
        released.batch_date,
        released.file_id,
        released.row_number,
        item.value as state_change
    from released
    cross join lateral jsonb_array_elements(
        case
            when jsonb_typeof({{ to_json('released.state_history') }}) = 'array' then released.state_history::jsonb
            else '[]'::jsonb
        end
    ) as item (value)

),

typed as (

    select
        {{ blank_to_null("state_change ->> 'change_id'") }} as source_key,
        record_id,
        ticket_id_support,
        {{ blank_to_null("state_change ->> 'state'") }} as ticket_state,
        {{ blank_to_null("state_change ->> 'agent'") }} as agent,
        {{ to_timestamp("state_change ->> 'at'") }} as recorded_at,
        batch_date,
        file_id,
        row_number,
        {{ content_hash('state_change') }} as content_hash
    from unnested

),

final as (
    {{ latest_version('typed') }}
)

select * from final
