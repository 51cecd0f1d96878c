-- What the roles may do in the database that `database` names: the
-- warehouse, or one that is to become it.

revoke all on database :"database" from public;
grant connect, temporary on database :"database" to warehouse_owner;
grant connect on database :"database" to warehouse_reader;

\connect :"database"
alter schema public owner to warehouse_owner;
revoke all on schema public from public;
grant usage on schema public to warehouse_reader;

-- Whoever may only read must not store large objects either.
revoke execute on function
lo_creat(integer),
lo_create(oid),
lo_from_bytea(oid, bytea),
lo_put(oid, bigint, bytea),
lo_unlink(oid),
lowrite(integer, bytea)
from public;
