{#- Fails for each row that breaks a condition in SQL; one that cannot be judged, as a value is absent, breaks it. -#}
{% test expression_is_true(model, expression) %}
    select * from {{ model }} where ({{ expression }}) is not true
{% endtest %}

{#- Fails where days are missing between the first and the last one: `date_key` stands on there being none. -#}
{% test days_without_gap(model, column_name) %}
    select count(*) from {{ model }} having count(*) <> max({{ column_name }}) - min({{ column_name }}) + 1
{% endtest %}

{#-
    Fails for each value that is missing or stands in several rows: dbt's `not_null` and `unique` in one question, since
    of a small table a test costs more than its SQL. Where the contract says `not_null`, `unique` is enough.
-#}
{% test primary_key(model, column_name) %}
    select {{ column_name }}
    from {{ model }}
    group by {{ column_name }}
    having count(*) > 1 or {{ column_name }} is null
{% endtest %}

{% test unique_combination(model, columns) %}
    select {{ columns | join(', ') }} from {{ model }} group by {{ columns | join(', ') }} having count(*) > 1
{% endtest %}

{#- Fails for each row of another table of which the history has no current version, or one that says other things. -#}
{% test current_version_is_the_row_of(model, to, key, columns) %}
    select present.{{ key }}
    from {{ to }} as present
    left join {{ model }} as history on present.{{ key }} = history.{{ key }} and history.is_current
    where
        history.{{ key }} is null
        or ({{ columns_of('present', columns) }}) is distinct from ({{ columns_of('history', columns) }})
{% endtest %}

{#- Fails for each version that does not end where the next one of its key begins. -#}
{% test versions_follow_each_other(model, key) %}
    select {{ key }}, version_number
    from (
        select
            *,
            lead(valid_from_date) over (partition by {{ key }} order by version_number) as next_date
        from {{ model }}
    ) as versions
    where next_date is distinct from valid_to_date or is_current <> (next_date is null)
{% endtest %}
