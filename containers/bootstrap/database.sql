-- Privileges of the roles in the database :"database": the warehouse, or a
-- backup that is being restored and will replace it.

revoke all on database :"database" from public;
grant connect, temporary, create on database :"database" to warehouse_owner;
grant connect on database :"database" to warehouse_reader;

\connect :"database"
alter schema public owner to warehouse_owner;
revoke all on schema public from public;
grant usage on schema public to warehouse_reader;

-- Read-only roles must not store large objects either.
revoke execute on function
lo_creat(integer),
lo_create(oid),
lo_from_bytea(oid, bytea),
lo_put(oid, bigint, bytea),
lo_unlink(oid),
lowrite(integer, bytea)
from public;
