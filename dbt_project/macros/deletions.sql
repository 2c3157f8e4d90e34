{#- As latest_version, of a CTE that has a boolean is_tombstone, too: a record of the key alone that says that the row has
    gone from its table. The last version that was there stays, with `is_deleted` and the batch date since which it has
    gone; one that comes back later is there again. -#}
{% macro latest_version_or_deleted(relation, versions_of=[]) -%}
    select
        latest.*,
        coalesce(gone.deleted_date > latest.batch_date, false) as is_deleted,
        case when gone.deleted_date > latest.batch_date then gone.deleted_date end as deleted_date
        {%- if versions_of %},
        dated.versions,
        dated.version_since_dates,
        dated.version_until_dates
        {%- endif %}
    from (
        select distinct on (source_key)
            {{ relation }}.*,
            min(batch_date) over (partition by source_key) as first_seen_date,
            max(batch_date) over (partition by source_key) as last_seen_date
        from {{ relation }}
        where source_key is not null and not is_tombstone
        order by
            source_key, batch_date desc, recorded_at desc nulls last, content_hash desc, file_id desc, row_number desc
    ) as latest
    left join (
        select
            source_key,
            max(batch_date) as deleted_date
        from {{ relation }}
        where is_tombstone
        group by source_key
    ) as gone on latest.source_key = gone.source_key
    {% if versions_of -%}
    left join (
        {{ dated_versions(relation, versions_of, 'not is_tombstone') }}
    ) as dated on latest.source_key = dated.source_key
    {%- endif %}
{%- endmacro %}
