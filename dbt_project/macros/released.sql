{#- The raw rows of one entity that the present build may read, with their lineage under plain names. A column that a
    later contract declares is absent in earlier rows, so absent values are no part of the content. -#}
{% macro released(system, entity) -%}
    select
        raw.*,
        raw._file_id as file_id,
        raw._row as row_number,
        raw._batch_date as batch_date,
        md5((jsonb_strip_nulls(to_jsonb(raw)) - '_file_id' - '_row' - '_batch_date')::text) as content_hash
    from {{ source('raw_' ~ system, entity) }} as raw
    inner join {{ source('ops', 'build_files') }} as files on raw._file_id = files.file_id
{%- endmacro %}

{#- The latest version of each natural key of a CTE with source_key, batch_date, recorded_at and content_hash: by batch
    date, then the record's own time, then content, never by the order of loading; of equal contents, by file and row.
    A row without a key is no version of anything; gate_staging tells of it. -#}
{% macro latest_version(relation) -%}
    select distinct on (source_key)
        {{ relation }}.*,
        min(batch_date) over (partition by source_key) as first_seen_date,
        max(batch_date) over (partition by source_key) as last_seen_date
    from {{ relation }}
    where source_key is not null
    order by
        source_key, batch_date desc, recorded_at desc nulls last, content_hash desc, file_id desc, row_number desc
{%- endmacro %}
