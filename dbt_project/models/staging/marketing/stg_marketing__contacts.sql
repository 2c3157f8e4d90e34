-- What newer exports call leadScore has landed in _rescued, since the contract does not declare it.
with

released as (
    {{ released('marketing', 'contacts') }}
),

typed as (

    select
        {{ blank_to_null('contact_id') }} as source_key,
        'marketing/contacts/' || {{ blank_to_null('contact_id') }} as record_id,
        {{ blank_to_null('contact_id') }} as contact_id_marketing,
        {{ blank_to_null('email') }} as email,
        {{ blank_to_null('first_name') }} as first_name,
        {{ blank_to_null('last_name') }} as last_name,
        {{ blank_to_null('phone') }} as phone,
        {{ blank_to_null('country') }} as country,
        {{ blank_to_null('language') }} as language,
        coalesce({{ to_integer('lead_score') }}, {{ to_integer("_rescued ->> 'leadScore'") }}) as lead_score,
        {{ blank_to_null('lead_stage') }} as lead_stage,
        {{ to_timestamp('converted_at') }} as converted_at,
        {{ blank_to_null('preferred_channel') }} as preferred_channel,
        {{ blank_to_null('preferred_frequency') }} as preferred_frequency,
        {{ to_json('preferred_topics') }} as preferred_topics,
        {{ to_timestamp('created_at') }} as created_at,
        {{ to_timestamp('updated_at') }} as recorded_at,
        batch_date,
        file_id,
        row_number,
        content_hash
    from released

),

final as (
    {{ latest_version('typed', ['first_name', 'last_name', 'email', 'phone', 'country', 'language']) }}
)

select * from final
