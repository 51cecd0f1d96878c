-- which of some roles exist, and whether each may change the warehouse: a
-- superuser, the role that migrates, the owner of the schema, or a member of
-- these
select
    pg_roles.rolname as role_name,
    pg_has_role(pg_roles.oid, current_user, 'member')
    or coalesce(
        pg_has_role(pg_roles.oid, pg_namespace.nspowner, 'member'), false
    ) as is_owner
from pg_roles
left join pg_namespace
    on pg_namespace.nspname = %(schema)s
where pg_roles.rolname = any(%(roles)s)
order by pg_roles.rolname;
