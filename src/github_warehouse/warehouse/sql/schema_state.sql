-- one row: the state of the schema and of this role's rights, for the checks
-- before a migration
with warehouses as (
    -- schemas that hold a warehouse, whatever its version
    select
        pg_class.relnamespace as schema_id,
        bool_and(pg_has_role(pg_class.relowner, 'usage')) as is_own,
        min(pg_get_userbyid(pg_class.relowner)) filter (
            where not pg_has_role(pg_class.relowner, 'usage')
        ) as other_owner
    from pg_class
    where
        pg_class.relkind in ('r', 'p')
        and pg_class.relname in (
            '_yoyo_migration', 'companies', 'repos', 'warehouse_properties'
        )
    group by pg_class.relnamespace
    having count(*) = 4
)

select
    -- quoted, if necessary, for the statements in messages
    quote_ident(current_user) as user_name,
    quote_ident(wanted.schema_name) as quoted_schema,
    found.oid is not null as is_there,
    array(
        select needed.privilege
        from (values ('usage'), ('create')) as needed (privilege)
        where not has_schema_privilege(found.oid, needed.privilege)
    ) as missing_privileges,
    has_database_privilege(current_database(), 'create') as may_create_schema,
    exists (
        select from warehouses where warehouses.schema_id = found.oid
    ) as is_warehouse,
    (
        select warehouses.other_owner
        from warehouses
        where warehouses.schema_id = found.oid
    ) as other_owner,
    exists (
        select from pg_class where pg_class.relnamespace = found.oid
    ) as has_relations,
    array(
        select pg_class.relname::text
        from pg_class
        where
            pg_class.relnamespace = found.oid
            and pg_class.relname = any(%(names)s)

        union

        -- a relation cannot have the name of a type
        select pg_type.typname::text
        from pg_type
        where
            pg_type.typnamespace = found.oid
            and pg_type.typname = any(%(names)s)
        order by 1
    ) as taken_names,
    exists (
        select from pg_class
        where
            pg_class.relnamespace = found.oid
            and pg_class.relname = '_yoyo_migration'
    ) as has_marks,
    array(
        select quote_ident(pg_namespace.nspname)
        from warehouses
        inner join pg_namespace
            on pg_namespace.oid = warehouses.schema_id
        where
            warehouses.is_own
            and pg_namespace.nspname <> %(schema)s
        order by pg_namespace.nspname
    ) as other_warehouses
from (values (%(schema)s)) as wanted (schema_name)
left join pg_namespace as found
    on found.nspname = wanted.schema_name;
