{#
    `table` for this project. dbt's own renames the former table, renames the new one and drops the former in a
    transaction of its own; each of the three makes the whole context of a macro anew, and of a small model that is more
    than its SQL takes. Here one statement puts the new table in the place of the former. Readers see one or the other.

    Of a new table Postgres knows nothing until autovacuum comes by, up to a minute later, and the next model reads it
    at once: of 100,000 records one took 52 s instead of .4. So every table is analysed as soon as it is made, by a
    sample that takes milliseconds.
#}
{% materialization table, adapter='postgres' %}
    {%- set former = load_cached_relation(this) -%}
    {%- set table = this.incorporate(type='table') -%}
    {%- set made = make_intermediate_relation(table) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- call statement('main') -%}
        {{ get_create_table_as_sql(False, made, sql) }}
    {%- endcall -%}
    {%- do create_indexes(made) -%}
    {%- call statement('replace') -%}
        {%- if former is not none -%} drop {{ former.type }} if exists {{ former }} cascade; {% endif -%}
        alter table {{ made }} rename to {{ adapter.quote(table.identifier) }};
        set local default_statistics_target = 10;
        analyze {{ table }}
    {%- endcall -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do apply_grants(table, config.get('grants'), should_revoke=should_revoke(former, full_refresh_mode=True)) -%}
    {%- do persist_docs(table, model) -%}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [table]}) }}
{% endmaterialization %}
