-- What is in a published schema and was not put there by publishing: it would go with the schema, and nothing of the
-- new one takes its place. Whatever hangs on the schema itself, and constraints and publications of its tables.
with published as (
    select pg_namespace.oid
    from pg_namespace
    where pg_namespace.nspname = %(schema)s -- noqa: PRS
),

following as (
    select
        pg_class.oid,
        pg_class.relname as table_name
    from pg_class
    inner join pg_namespace on pg_class.relnamespace = pg_namespace.oid
    where pg_namespace.nspname = %(following)s -- noqa: PRS
),

relations as (
    select
        pg_class.oid,
        pg_class.relname as table_name
    from pg_class
    inner join published on pg_class.relnamespace = published.oid
    where pg_class.relkind in ('r', 'v', 'm', 'p', 'f')
),

ours as (
    select following.table_name
    from following
    union all
    select published_relations.table_name
    from ops.published_relations
    where published_relations.schema_name = %(schema)s -- noqa: PRS
),

-- Policies, grants, triggers and the like are given anew: see belongings.sql.
found as (
    select
        pg_depend.classid,
        pg_depend.objid
    from pg_depend
    inner join published
        on (published.oid, 'pg_namespace'::regclass) = (pg_depend.refobjid, pg_depend.refclassid)
    left join relations on pg_depend.objid = relations.oid and pg_depend.classid = 'pg_class'::regclass
    where
        pg_depend.deptype = 'n'
        and pg_depend.classid <> 'pg_default_acl'::regclass
        and (relations.table_name is null or relations.table_name not in (select ours.table_name from ours))
    union all
    select
        'pg_constraint'::regclass as classid,
        pg_constraint.oid as objid
    from pg_constraint
    inner join relations on pg_constraint.conrelid = relations.oid
    left join following on relations.table_name = following.table_name
    left join pg_constraint as kept
        on following.oid = kept.conrelid and pg_constraint.conname = kept.conname
    where
        pg_constraint.contype in ('c', 'f', 'p', 'u', 'x') and kept.oid is null
        and relations.table_name in (select ours.table_name from ours)
    union all
    select
        'pg_publication_rel'::regclass as classid,
        pg_publication_rel.oid as objid
    from pg_publication_rel
    inner join relations on pg_publication_rel.prrelid = relations.oid
)

select
    false as is_view,
    identified.type || ' ' || identified.identity as description
from found
cross join lateral pg_identify_object(found.classid, found.objid, 0) as identified
order by description
