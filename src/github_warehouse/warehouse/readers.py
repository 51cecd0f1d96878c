"""Roles that may read the warehouse."""

from collections.abc import Sequence
from contextlib import closing

import psycopg2.sql
import structlog

from github_warehouse.errors import UsageError
from github_warehouse.warehouse.connection import Connection
from github_warehouse.warehouse.statements import read_sql

# the role of Metabase in the stack
_STACK_READER = 'warehouse_reader'


def find_readers(
    connection: Connection, readers: Sequence[str]
) -> tuple[str, ...]:
    """Return which of the readers exist, with the reader of the stack.

    Args:
        connection: connection in autocommit mode.
        readers: roles in WAREHOUSE_READERS.

    Raises:
        UsageError: one of them could also change the warehouse.
    """
    with closing(connection.cursor()) as cursor:
        cursor.execute(
            read_sql('reader_roles'),
            {
                'schema': connection.schema,
                'roles': [_STACK_READER, *readers],
            },
        )
        found: dict[str, bool] = dict(cursor.fetchall())
    for name in readers:
        if name not in found:
            structlog.get_logger().warning(
                'a role in WAREHOUSE_READERS does not exist: create it, then '
                'migrate again',
                role=name,
            )
        elif found[name]:
            raise UsageError(
                f'{name} in WAREHOUSE_READERS could change the warehouse: it '
                'is a superuser, the owner, or a member of the owner; name '
                'another role'
            )
    return tuple(found)


def grant_reading(
    connection: Connection, readers: Sequence[str], relations: Sequence[str]
) -> None:
    """Let roles use the schema and read relations in it."""
    if not readers:
        return
    roles = _identifiers(readers)
    with closing(connection.cursor()) as cursor:
        cursor.execute(
            psycopg2.sql.SQL('grant select on {} to {}').format(
                _identifiers(relations), roles
            )
        )
        # only the owner of the schema can grant this; others get a notice
        cursor.execute(
            psycopg2.sql.SQL('grant usage on schema {} to {}').format(
                psycopg2.sql.Identifier(connection.schema), roles
            )
        )
        cursor.execute(
            'select rolname from pg_roles where rolname = any(%s)'
            ' and not has_schema_privilege(oid, current_schema(), %s)'
            ' order by rolname',
            (list(readers), 'usage'),
        )
        for (name,) in cursor.fetchall():
            structlog.get_logger().warning(
                f'{name} cannot read the warehouse: let the owner of schema '
                f'{connection.schema} run `grant usage on schema '
                f'{connection.schema} to {name}`'
            )


def _identifiers(names: Sequence[str]) -> psycopg2.sql.Composed:
    return psycopg2.sql.SQL(', ').join(map(psycopg2.sql.Identifier, names))
