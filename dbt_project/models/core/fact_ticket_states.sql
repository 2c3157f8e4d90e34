select
    md5('support/' || states.source_key) as ticket_state_key,
    md5('support/tickets/' || states.ticket_id_support) as interaction_key,
    crosswalk.customer_key,
    'support' as system,
    states.source_key as change_id,
    states.recorded_at as occurred_at,
    {{ date_key(utc_day('states.recorded_at')) }} as date_key,
    states.ticket_state,
    states.agent,
    row_number() over (
        partition by states.ticket_id_support order by states.recorded_at nulls last, states.source_key
    ) as state_number,
    states.first_seen_date as known_since_date,
    states.batch_date,
    states.file_id,
    states.row_number
from {{ ref('stg_support__ticket_states') }} as states
left join {{ source('identity', 'crosswalk') }} as crosswalk on states.record_id = crosswalk.record_id
