-- Requests with the same contact details are one record: that of the newest delivery, known since the first.
with

requests as (

    select
        record_id, full_name, email, phone, recorded_at, batch_date, first_seen_date, last_seen_date, file_id,
        row_number, content_hash
    from {{ ref('stg_support__tickets') }}
    union all
    select
        record_id, full_name, email, phone, recorded_at, batch_date, first_seen_date, last_seen_date, file_id,
        row_number, content_hash
    from {{ ref('stg_support__chats') }}
    union all
    select
        record_id, full_name, email, phone, recorded_at, batch_date, first_seen_date, last_seen_date, file_id,
        row_number, content_hash
    from {{ ref('stg_support__calls') }}
    union all
    select
        record_id, full_name, email, phone, recorded_at, batch_date, first_seen_date, last_seen_date, file_id,
        row_number, content_hash
    from {{ ref('stg_support__surveys') }}
    union all
    select
        record_id, full_name, email, phone, recorded_at, batch_date, first_seen_date, last_seen_date, file_id,
        row_number, content_hash
    from {{ ref('stg_support__complaints') }}

),

final as (

    select distinct on (record_id)
        split_part(record_id, '/', 3) as source_key,
        record_id,
        full_name,
        email,
        phone,
        recorded_at,
        batch_date,
        file_id,
        row_number,
        content_hash,
        min(first_seen_date) over (partition by record_id) as first_seen_date,
        max(last_seen_date) over (partition by record_id) as last_seen_date
    from requests
    where record_id is not null
    order by
        record_id asc, batch_date desc, recorded_at desc nulls last, content_hash desc, file_id desc, row_number desc

)

select * from final
