-- What others have built on the tables of the published schemas, a view after those that it reads.
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
)

select
    pg_namespace.nspname as schema_name,
    pg_class.relname as view_name,
    pg_class.relkind = 'v' as is_view,
    pg_get_viewdef(pg_class.oid) as definition,
    pg_get_userbyid(pg_class.relowner) as owner
from dependents
inner join pg_class on dependents.oid = pg_class.oid
inner join pg_namespace on pg_class.relnamespace = pg_namespace.oid
where pg_namespace.nspname <> all (%(schemas)s) -- noqa: PRS
group by pg_namespace.nspname, pg_class.relname, pg_class.relkind, pg_class.oid, pg_class.relowner
order by max(dependents.depth), schema_name, view_name
