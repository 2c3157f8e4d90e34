-- What others were granted on a schema and the tables in it: (table or null, grantee, privilege, may grant).
select
    null as table_name,
    pg_roles.rolname as grantee,
    acl.privilege_type,
    acl.is_grantable
from pg_namespace
cross join lateral aclexplode(pg_namespace.nspacl) as acl
left join pg_roles on acl.grantee = pg_roles.oid
where pg_namespace.nspname = %(schema)s and acl.grantee <> pg_namespace.nspowner -- noqa: PRS
union all
select
    pg_class.relname as table_name,
    pg_roles.rolname as grantee,
    acl.privilege_type,
    acl.is_grantable
from pg_class
inner join pg_namespace on pg_class.relnamespace = pg_namespace.oid
cross join lateral aclexplode(pg_class.relacl) as acl
left join pg_roles on acl.grantee = pg_roles.oid
where pg_namespace.nspname = %(schema)s and acl.grantee <> pg_class.relowner -- noqa: PRS
order by table_name, grantee, privilege_type
