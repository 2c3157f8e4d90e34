with

released as (
    {{ released('notes', 'notes') }}
),

-- One pair of quotes around the whole note goes; doubled ones inside it become single.
unquoted as (

    select
        released.*,
        trim(replace(regexp_replace(trim(released.note), '^["“](.*)["”],?$', '\1'), '""', '"')) as note_text
    from released

),

typed as (

    select
        left(md5(lower(regexp_replace(note_text, '\s+', ' ', 'g'))), 15) as source_key,
        note_text,
        null::timestamptz as recorded_at,
        batch_date,
        file_id,
        row_number,
        content_hash
    from unquoted
    where note_text <> ''

),

final as (
    {{ latest_version('typed') }}
)

select * from final
