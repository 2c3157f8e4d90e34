-- What others have built on the published schemas, a view after those that it reads, what is no view last.
with recursive dependents as (
    select
        pg_class.oid,
        1 as depth
    from pg_class
    inner join pg_namespace on pg_class.relnamespace = pg_namespace.oid
    where pg_namespace.nspname = any (%(schemas)s) and pg_class.relkind in ('r', 'v', 'm', 'p') -- noqa: PRS
    union
    select
        pg_rewrite.ev_class as oid,
        dependents.depth + 1 as depth
    from dependents
    inner join pg_depend
        on
            dependents.oid = pg_depend.refobjid
            and pg_depend.refclassid = 'pg_class'::regclass
            and pg_depend.classid = 'pg_rewrite'::regclass
    inner join pg_rewrite on pg_depend.objid = pg_rewrite.oid and dependents.oid <> pg_rewrite.ev_class
),

-- Foreign keys, functions, policies, and tables with a column of the type of a row: they would go with the table.
others as (
    select distinct
        pg_depend.classid,
        pg_depend.objid,
        coalesce(
            pg_proc.pronamespace, pg_class.relnamespace, keyed.relnamespace, guarded.relnamespace
        ) as namespace_oid
    from dependents
    inner join pg_class as relations on dependents.oid = relations.oid
    inner join pg_depend
        on
            (dependents.oid, 'pg_class'::regclass) = (pg_depend.refobjid, pg_depend.refclassid)
            or (relations.reltype, 'pg_type'::regclass) = (pg_depend.refobjid, pg_depend.refclassid)
    left join pg_proc on pg_depend.objid = pg_proc.oid and pg_depend.classid = 'pg_proc'::regclass
    left join pg_class on pg_depend.objid = pg_class.oid and pg_depend.classid = 'pg_class'::regclass
    left join pg_constraint on pg_depend.objid = pg_constraint.oid and pg_depend.classid = 'pg_constraint'::regclass
    left join pg_class as keyed on pg_constraint.conrelid = keyed.oid
    left join pg_policy on pg_depend.objid = pg_policy.oid and pg_depend.classid = 'pg_policy'::regclass
    left join pg_class as guarded on pg_policy.polrelid = guarded.oid
    where pg_depend.deptype in ('n', 'a')
)

select
    pg_namespace.nspname as schema_name,
    pg_class.relname as view_name,
    pg_class.relkind = 'v' as is_view,
    'materialized view ' || format('%%I.%%I', pg_namespace.nspname, pg_class.relname) as description,
    pg_get_viewdef(pg_class.oid) as definition,
    array_to_string(pg_class.reloptions, ', ') as options,
    pg_get_userbyid(pg_class.relowner) as owner,
    max(dependents.depth) as depth
from dependents
inner join pg_class on dependents.oid = pg_class.oid
inner join pg_namespace on pg_class.relnamespace = pg_namespace.oid
where pg_namespace.nspname <> all (%(schemas)s) -- noqa: PRS
group by pg_namespace.nspname, pg_class.relname, pg_class.relkind, pg_class.oid, pg_class.relowner, pg_class.reloptions
union all
select
    pg_namespace.nspname as schema_name,
    null as view_name,
    false as is_view,
    identified.type || ' ' || identified.identity as description,
    null as definition,
    null as options,
    null as owner,
    null as depth
from others
inner join pg_namespace on others.namespace_oid = pg_namespace.oid
cross join lateral pg_identify_object(others.classid, others.objid, 0) as identified
where pg_namespace.nspname <> all (%(schemas)s) -- noqa: PRS
order by depth, schema_name, view_name
