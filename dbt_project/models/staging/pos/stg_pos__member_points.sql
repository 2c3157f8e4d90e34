-- The latest version of a member has the points of now; those of earlier days are in earlier deliveries.
with

released as (
    {{ released('pos', 'members') }}
),

typed as (

    select
        {{ blank_to_null('loyalty_number') }} || '/' || batch_date as source_key,
        'pos/members/' || {{ blank_to_null('loyalty_number') }} as record_id,
        {{ blank_to_null('loyalty_number') }} as loyalty_number_pos,
        {{ to_integer('card_points') }} as card_points,
        {{ blank_to_null('tier') }} as tier,
        {{ to_timestamp('updated_at') }} as recorded_at,
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
