-- What others gave to a schema and to the tables and views in it, as statements that give it anew.
with published as (
    select
        pg_namespace.oid,
        pg_namespace.nspname as schema_name,
        pg_namespace.nspowner,
        pg_namespace.nspacl
    from pg_namespace
    where pg_namespace.nspname = %(schema)s -- noqa: PRS
),

relations as (
    select
        published.schema_name,
        pg_class.oid,
        pg_class.relname as table_name,
        pg_class.relkind,
        pg_class.relowner,
        pg_class.relacl,
        pg_class.relrowsecurity,
        pg_class.relforcerowsecurity
    from pg_class
    inner join published on pg_class.relnamespace = published.oid
    where pg_class.relkind in ('r', 'v', 'm', 'p')
),

-- The defaults are those of the tables, functions and the like that a role makes there later.
granted as (
    select
        null as table_name,
        null as column_name,
        acl.grantee,
        acl.privilege_type,
        acl.is_grantable,
        null as defaults_of,
        published.schema_name,
        'schema ' || quote_ident(published.schema_name) as place
    from published
    cross join lateral aclexplode(published.nspacl) as acl
    where acl.grantee <> published.nspowner
    union all
    select
        relations.table_name,
        null as column_name,
        acl.grantee,
        acl.privilege_type,
        acl.is_grantable,
        null as defaults_of,
        relations.schema_name,
        format('%%I.%%I', relations.schema_name, relations.table_name) as place
    from relations
    cross join lateral aclexplode(relations.relacl) as acl
    where acl.grantee <> relations.relowner
    union all
    select
        relations.table_name,
        pg_attribute.attname as column_name,
        acl.grantee,
        acl.privilege_type || format(' (%%I)', pg_attribute.attname) as privilege_type,
        acl.is_grantable,
        null as defaults_of,
        relations.schema_name,
        format('%%I.%%I', relations.schema_name, relations.table_name) as place
    from relations
    inner join pg_attribute on relations.oid = pg_attribute.attrelid and not pg_attribute.attisdropped
    cross join lateral aclexplode(pg_attribute.attacl) as acl
    union all
    select
        null as table_name,
        null as column_name,
        acl.grantee,
        acl.privilege_type,
        acl.is_grantable,
        pg_get_userbyid(pg_default_acl.defaclrole) as defaults_of,
        published.schema_name,
        case pg_default_acl.defaclobjtype
            when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions' else 'types'
        end as place
    from pg_default_acl
    inner join published on pg_default_acl.defaclnamespace = published.oid
    cross join lateral aclexplode(pg_default_acl.defaclacl) as acl
)

select
    granted.table_name,
    granted.column_name,
    'grant' as kind,
    case
        when granted.defaults_of is not null
            then
                format('alter default privileges for role %%I', granted.defaults_of)
                || format(' in schema %%I ', granted.schema_name)
        else ''
    end
    || format('grant %%s on %%s to ', granted.privilege_type, granted.place)
    || coalesce(quote_ident(pg_get_userbyid(nullif(granted.grantee, 0))), 'public')
    || case when granted.is_grantable then ' with grant option' else '' end as statement
from granted
union all
select
    policies.tablename as table_name,
    null as column_name,
    'policy ' || policies.policyname as kind,
    format('create policy %%I on %%I.%%I', policies.policyname, policies.schemaname, policies.tablename)
    || format(' as %%s for %%s to ', policies.permissive, policies.cmd)
    || (select string_agg(quote_ident(roles.role_name), ', ') from unnest(policies.roles) as roles (role_name))
    || coalesce(' using (' || policies.qual || ')', '')
    || coalesce(' with check (' || policies.with_check || ')', '') as statement
from pg_policies as policies
inner join published on policies.schemaname = published.schema_name
union all
select
    relations.table_name,
    null as column_name,
    'row level security' as kind,
    format('alter table %%I.%%I enable row level security', relations.schema_name, relations.table_name)
    || case when relations.relforcerowsecurity then ', force row level security' else '' end as statement
from relations
where relations.relrowsecurity
union all
select
    null as table_name,
    null as column_name,
    'comment' as kind,
    format('comment on schema %%I is %%L', published.schema_name, obj_description(published.oid, 'pg_namespace'))
        as statement
from published
where obj_description(published.oid, 'pg_namespace') is not null
union all
select
    relations.table_name,
    pg_attribute.attname as column_name,
    'default' as kind,
    format('alter view %%I.%%I', relations.schema_name, relations.table_name)
    || format(' alter column %%I', pg_attribute.attname)
    || ' set default ' || pg_get_expr(pg_attrdef.adbin, pg_attrdef.adrelid) as statement
from relations
inner join pg_attrdef on relations.oid = pg_attrdef.adrelid
inner join pg_attribute on relations.oid = pg_attribute.attrelid and pg_attrdef.adnum = pg_attribute.attnum
where relations.relkind = 'v'
union all
select
    relations.table_name,
    null as column_name,
    'index ' || pg_index.indexrelid::regclass as kind,
    pg_get_indexdef(pg_index.indexrelid) as statement
from relations
inner join pg_index on relations.oid = pg_index.indrelid
left join pg_constraint on pg_index.indexrelid = pg_constraint.conindid
-- The new table may have the same one under another name: dbt gives each a new name.
where
    pg_constraint.oid is null and not exists (
        select 1
        from pg_index as kept
        inner join pg_class as following on kept.indrelid = following.oid
        inner join pg_namespace on following.relnamespace = pg_namespace.oid
        where
            pg_namespace.nspname = relations.schema_name || '_next'
            and following.relname = relations.table_name
            and regexp_replace(pg_get_indexdef(kept.indexrelid), ' INDEX .* USING ', ' ')
            = regexp_replace(pg_get_indexdef(pg_index.indexrelid), ' INDEX .* USING ', ' ')
    )
union all
select
    relations.table_name,
    null as column_name,
    'rule ' || pg_rewrite.rulename as kind,
    regexp_replace(pg_get_ruledef(pg_rewrite.oid), '^CREATE RULE', 'CREATE OR REPLACE RULE') as statement
from relations
inner join pg_rewrite on relations.oid = pg_rewrite.ev_class
where pg_rewrite.rulename <> '_RETURN'
union all
select
    relations.table_name,
    null as column_name,
    'trigger ' || pg_trigger.tgname as kind,
    pg_get_triggerdef(pg_trigger.oid) || ';'
    || format('alter table %%I.%%I ', relations.schema_name, relations.table_name)
    || case pg_trigger.tgenabled
        when 'D' then 'disable' when 'A' then 'enable always' when 'R' then 'enable replica' else 'enable'
    end
    || format(' trigger %%I', pg_trigger.tgname) as statement
from relations
inner join pg_trigger on relations.oid = pg_trigger.tgrelid
where not pg_trigger.tgisinternal and relations.relkind <> 'v'
union all
select
    relations.table_name,
    null as column_name,
    'trigger ' || pg_trigger.tgname as kind,
    pg_get_triggerdef(pg_trigger.oid) as statement
from relations
inner join pg_trigger on relations.oid = pg_trigger.tgrelid
where not pg_trigger.tgisinternal and relations.relkind = 'v'
union all
select
    relations.table_name,
    pg_attribute.attname as column_name,
    'comment' as kind,
    case
        when pg_attribute.attname is not null
            then
                format('comment on column %%I.%%I', relations.schema_name, relations.table_name)
                || format('.%%I', pg_attribute.attname)
        else
            case relations.relkind when 'v' then 'comment on view' else 'comment on table' end
            || format(' %%I.%%I', relations.schema_name, relations.table_name)
    end || format(' is %%L', pg_description.description) as statement
from relations
inner join pg_description
    on relations.oid = pg_description.objoid and pg_description.classoid = 'pg_class'::regclass
left join pg_attribute
    on
        relations.oid = pg_attribute.attrelid
        and pg_description.objsubid = pg_attribute.attnum
        and pg_description.objsubid > 0
order by kind, statement
