-- Roles and databases of the stack, with their privileges; runs at every `up`.
-- psql runs it as the superuser through the server's socket, which needs no
-- password. Passwords come from files and are not logged.

set log_min_error_statement = panic;
set log_statement = none;
set log_min_duration_statement = -1;
set password_encryption = 'scram-sha-256';
set client_min_messages = warning;

\set owner_password `cat /run/secrets/WAREHOUSE_PASSWORD`
\set reader_password `cat /run/secrets/WAREHOUSE_READER_PASSWORD`
\set checks_password `cat /run/secrets/CHECKS_PASSWORD`
\set metabase_password `cat /run/secrets/METABASE_DB_PASSWORD`

select format('create role %I', role_name)
from unnest(array[
    'warehouse_owner', 'warehouse_reader', 'warehouse_checks', 'metabase'
]) as role_name
where role_name not in (select rolname from pg_roles)
\gexec

select format('create database %I', database_name)
from unnest(array[
    'warehouse', 'warehouse_checks', 'metabase'
]) as database_name
where database_name not in (select datname from pg_database)
\gexec

-- From now on the superuser can connect only through the socket.
alter role postgres password null;

-- Owns the tables: migrates and ingests.
alter role warehouse_owner
login nosuperuser nocreatedb nocreaterole noreplication nobypassrls
password :'owner_password';

-- Reads views and totals; `migrate` grants access. The time limits keep a
-- dashboard from delaying retention with an open transaction.
alter role warehouse_reader
login nosuperuser nocreatedb nocreaterole noreplication nobypassrls
password :'reader_password';
alter role warehouse_reader set default_transaction_read_only = on;
alter role warehouse_reader set statement_timeout = '2min';
alter role warehouse_reader set idle_in_transaction_session_timeout = '5min';

-- Runs the tests, only in databases that it creates.
alter role warehouse_checks
login nosuperuser createdb nocreaterole noreplication nobypassrls
password :'checks_password';
alter role warehouse_checks set synchronous_commit = off;

-- Owns Metabase's own database.
alter role metabase
login nosuperuser nocreatedb nocreaterole noreplication nobypassrls
password :'metabase_password';

-- A role can connect only to its own databases.
alter database metabase owner to metabase;
alter database warehouse_checks owner to warehouse_checks;
revoke all on database postgres, template1, warehouse_checks, metabase
from public;

\set database warehouse
\ir database.sql
