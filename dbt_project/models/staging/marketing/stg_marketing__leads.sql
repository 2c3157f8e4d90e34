with

released as (
    {{ released('marketing', 'leads') }}
),

typed as (

    select
        {{ blank_to_null('lead_id') }} as source_key,
        'marketing/leads/' || {{ blank_to_null('lead_id') }} as record_id,
        {{ blank_to_null('lead_id') }} as lead_id_marketing,
        {{ blank_to_null('full_name') }} as full_name,
        {{ blank_to_null('email') }} as email,
        {{ blank_to_null('phone') }} as phone,
        {{ blank_to_null('postcode') }} as postcode,
        lower({{ blank_to_null('occupation') }}) as occupation,
        {{ blank_to_null('source') }} as lead_source,
        {{ blank_to_null('campaign_id') }} as campaign_id_marketing,
        {{ blank_to_null('product_id') }} as product_id,
        {{ to_integer('score') }} as lead_score,
        {{ blank_to_null('status') }} as status,
        {{ to_timestamp('created_at') }} as created_at,
        {{ to_timestamp('converted_at') }} as converted_at,
        {{ to_timestamp('updated_at') }} as recorded_at,
        batch_date,
        file_id,
        row_number,
        content_hash
    from released

),

final as (
    {{ latest_version('typed', ['full_name', 'email', 'phone', 'postcode', 'occupation']) }}
)

select * from final
