{#- What the deliveries have said of each key over time, as a list of objects, the oldest first, and beside it
    the first and the last batch dates of deliveries in a row that said the same; these are no personal data, and so apart.
    Of one day counts what latest_version would take. Keys of which nothing else was ever said have none. -#}
{% macro dated_versions(relation, columns, condition='true') -%}
    select
        source_key,
        jsonb_agg(said || jsonb_build_object('recorded_at', recorded_at) order by since_date) as versions,
        jsonb_agg(since_date order by since_date) as version_since_dates,
        jsonb_agg(until_date order by since_date) as version_until_dates
    from (
        select
            source_key,
            min(batch_date) as since_date,
            max(batch_date) as until_date,
            (array_agg(recorded_at order by batch_date desc))[1] as recorded_at,
            (array_agg(said order by batch_date desc))[1] as said
        from (
            select
                changes.*,
                count(*) filter (where is_change) over by_date as run
            from (
                select
                    days.*,
                    coalesce(lag(said) over by_date <> said, true) as is_change
                from (
                    select distinct on (source_key, batch_date)
                        source_key,
                        batch_date,
                        recorded_at,
                        jsonb_build_object(
                            {%- for column in columns %}
                            '{{ column }}', {{ column }}{{ ',' if not loop.last }}
                            {%- endfor %}
                        ) as said
                    from {{ relation }}
                    where source_key is not null and {{ condition }}
                    order by
                        source_key, batch_date, recorded_at desc nulls last, content_hash desc, file_id desc,
                        row_number desc
                ) as days
                window by_date as (partition by source_key order by batch_date)
            ) as changes
            window by_date as (partition by source_key order by batch_date)
        ) as numbered_runs
        group by source_key, run
    ) as runs
    group by source_key
    having count(*) > 1
{%- endmacro %}
