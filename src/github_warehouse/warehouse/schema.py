"""The schema of a warehouse: check that it can be used, and create it."""

import re
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import psycopg2.sql
from yoyo.migrations import default_migration_table

from github_warehouse.config import DEFAULT_SCHEMA
from github_warehouse.errors import DatabaseError, UsageError
from github_warehouse.warehouse.connection import Connection, Cursor
from github_warehouse.warehouse.statements import read_sql
from github_warehouse.warehouse.view_files import sorted_files


class _State(NamedTuple):
    """The columns of schema_state.sql."""

    user_name: str
    quoted_schema: str
    is_there: bool
    missing_privileges: list[str]
    may_create_schema: bool
    is_warehouse: bool
    other_owner: str | None
    has_relations: bool
    taken_names: list[str]
    has_marks: bool
    other_warehouses: list[str]


def prepare_schema(connection: Connection, migrations: Path) -> None:
    """Create the schema of a warehouse, unless it exists.

    Args:
        connection: connection in autocommit mode.
        migrations: folder of the migrations, which name our tables.

    Raises:
        UsageError: the schema holds tables of another program, or the
            warehouse is in another schema.
        DatabaseError: the role may not create the schema or tables in it, or
            the warehouse belongs to another role.
    """
    schema = connection.schema
    names = [
        *_table_names(migrations.glob('*.sql')),
        *(path.stem for path in sorted_files()),
    ]
    with closing(connection.cursor()) as cursor:
        cursor.execute(
            read_sql('schema_state'), {'schema': schema, 'names': names}
        )
        state = _State(*cursor.fetchone() or ())
        if not state.is_warehouse:
            _check_new(schema, state)
            if state.has_marks:
                _check_marks(cursor, schema)
        _check_may_create(schema, state)
        if not state.is_there:
            cursor.execute(
                psycopg2.sql.SQL('create schema if not exists {}').format(
                    psycopg2.sql.Identifier(schema)
                )
            )


def _table_names(files: Iterable[Path]) -> list[str]:
    return [
        name
        for path in files
        for name in re.findall(
            r'^create table (\w+)', path.read_text('utf-8'), re.M
        )
    ]


def _check_new(schema: str, state: _State) -> None:
    """Check that a new warehouse belongs in a schema."""
    if state.taken_names:
        raise _taken(schema, state.taken_names)
    # an empty schema was created for a second warehouse; `public` is always
    # there
    is_meant = state.is_there and not state.has_relations
    if state.other_warehouses and (schema == DEFAULT_SCHEMA or not is_meant):
        other = state.other_warehouses[0]
        rename = (
            f', or run `alter schema {other} rename to {state.quoted_schema}`'
        )
        raise UsageError(
            f'the warehouse is in schema {other}, not in {schema}: set '
            f'WAREHOUSE_SCHEMA={other}{"" if state.is_there else rename}; a '
            'second warehouse needs an empty schema, other than public, that '
            'you create for it'
        )


def _check_marks(cursor: Cursor, schema: str) -> None:
    """Check that yoyo's table holds no migrations of another program.

    A first migration of ours that was interrupted leaves it empty.
    """
    cursor.execute(
        psycopg2.sql.SQL('select exists (select from {})').format(
            psycopg2.sql.Identifier(schema, default_migration_table)
        )
    )
    if cursor.fetchone() == (True,):
        raise _taken(schema, [default_migration_table])


def _taken(schema: str, names: Iterable[str]) -> UsageError:
    return UsageError(
        f'schema {schema} has {", ".join(names)} of another program: set '
        'WAREHOUSE_SCHEMA to a schema for the warehouse alone, such as github'
    )


def _check_may_create(schema: str, state: _State) -> None:
    user, quoted = state.user_name, state.quoted_schema
    if state.other_owner is not None:
        raise DatabaseError(
            f'the warehouse in schema {schema} belongs to '
            f'{state.other_owner}, not to {user}: migrate as '
            f'{state.other_owner}'
        )
    if state.is_there and state.missing_privileges:
        privileges = ', '.join(state.missing_privileges)
        raise DatabaseError(
            f'{user} may not create tables in schema {schema}: let its owner '
            f'run `grant {privileges} on schema {quoted} to {user}`'
        )
    if not state.is_there and not state.may_create_schema:
        raise DatabaseError(
            f'{user} may not create schema {schema}: let the owner of the '
            f'database run `create schema {quoted} authorization {user}`'
        )
