{#- The raw rows of one entity that the present build may read, with their lineage under plain names. A column that a
    later contract declares is absent in earlier rows, so absent values are no part of the content. -#}
{% macro released(system, entity) -%}
    select
        raw.*,
        raw._file_id as file_id,
        raw._row as row_number,
        raw._batch_date as batch_date,
        {{ content_hash("jsonb_strip_nulls(to_jsonb(raw)) - array['_file_id', '_row', '_batch_date']") }} as content_hash
    from {{ source('raw_' ~ system, entity) }} as raw
    inner join {{ source('ops', 'build_files') }} as files on raw._file_id = files.file_id
{%- endmacro %}

{#- The hash of a json content, of a record or of one nested in it. It is keyed: a plain one beside the other fields would
    let somebody try all numbers of a card. -#}
{% macro content_hash(content) -%}
    encode(sha256(
        decode(current_setting('customer360.token_inner'), 'hex') || convert_to(({{ content }})::text, 'UTF8')
    ), 'hex')
{%- endmacro %}

{#- The latest version of each natural key of a CTE with source_key, batch_date, recorded_at and content_hash: by batch
    date, then the record's own time, then content, never by the order of loading; of equal contents, by file and row.
    A row without a key is no version of anything; gate_staging tells of it. With `versions_of`, the earlier versions of
    these columns are kept, too: see dated_versions. -#}
{% macro latest_version(relation, versions_of=[]) -%}
    {% if versions_of %}
    select
        latest.*,
        dated.versions,
        dated.version_since_dates,
        dated.version_until_dates
    from (
    {% endif %}
    select distinct on (source_key)
        {{ relation }}.*,
        min(batch_date) over (partition by source_key) as first_seen_date,
        max(batch_date) over (partition by source_key) as last_seen_date
    from {{ relation }}
    where source_key is not null
    order by
        source_key, batch_date desc, recorded_at desc nulls last, content_hash desc, file_id desc, row_number desc
    {% if versions_of %}
    ) as latest
    left join ({{ dated_versions(relation, versions_of) }}) as dated on latest.source_key = dated.source_key
    {% endif %}
{%- endmacro %}

{#- Whether a key was in the newest released file of its entity, that of a snapshot; one without rows counts, too. -#}
{% macro is_in_latest_snapshot(system, entity) -%}
    last_seen_date = (
        select max(snapshot.batch_date)
        from {{ source('ops', 'build_files') }} as snapshot
        where snapshot.system = '{{ system }}' and snapshot.entity = '{{ entity }}'
    )
{%- endmacro %}
