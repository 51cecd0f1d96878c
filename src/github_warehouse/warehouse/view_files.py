"""The views, which are derived from SQL files and rebuilt when one changes."""

import json
import re
from contextlib import closing
from graphlib import TopologicalSorter
from hashlib import sha256
from pathlib import Path

import psycopg2.errors
import psycopg2.sql

from github_warehouse.errors import DatabaseError
from github_warehouse.warehouse.connection import Connection
from github_warehouse.warehouse.statements import VIEWS, read_sql, render

ROLLUPS = ('company_daily', 'company_language_daily')


def view_names() -> list[str]:
    """Return the names of all views of this version."""
    return sorted(path.stem for path in VIEWS.glob('*.sql'))


def view_digests() -> dict[str, str]:
    """Return the digest of each view's SQL, by name."""
    return {
        path.stem: sha256(render(path).encode()).hexdigest()
        for path in VIEWS.glob('*.sql')
    }


def built_views(connection: Connection) -> dict[str, str]:
    """Return the views in the warehouse that a migration created.

    Returns:
        The digest of the SQL that each was created from, by name.
    """
    with closing(connection.cursor()) as cursor:
        cursor.execute('select to_regclass(%s)', ('warehouse_properties',))
        if cursor.fetchone() == (None,):
            return {}
        cursor.execute(
            'select property_value from warehouse_properties'
            ' where property_name = %s',
            ('views',),
        )
        row = cursor.fetchone()
        recorded: dict[str, str] = json.loads(row[0]) if row else {}
        cursor.execute(
            'select viewname from pg_views'
            ' where schemaname = current_schema()'
        )
        existing = {name for name, in cursor.fetchall()}
        return {
            name: digest
            for name, digest in recorded.items()
            if name in existing
        }


def create_views(connection: Connection) -> None:
    """Create all views, and record their digests; they must not exist."""
    with closing(connection.cursor()) as cursor:
        for path in _sorted_files():
            cursor.execute(render(path))
        cursor.execute(
            read_sql('remember_property'),
            ('views', json.dumps(view_digests())),
        )


def drop_views(connection: Connection, names: set[str]) -> None:
    """Drop views.

    Raises:
        DatabaseError: an object that is not a view of ours depends on one.
    """
    if not names:
        return
    statement = psycopg2.sql.SQL('drop view if exists {}').format(
        _identifiers(sorted(names))
    )
    with closing(connection.cursor()) as cursor:
        try:
            cursor.execute(statement)
        except psycopg2.errors.DependentObjectsStillExist as error:
            detail = (error.diag.message_detail or '').splitlines()
            raise DatabaseError(
                'the views cannot be rebuilt, because other objects depend on '
                f'them: {"; ".join(detail)}; drop those first, then migrate '
                'again'
            ) from error


def readable() -> list[str]:
    """Return the names of the relations that readers may read."""
    return [*view_names(), *ROLLUPS]


def _identifiers(names: list[str]) -> psycopg2.sql.Composed:
    return psycopg2.sql.SQL(', ').join(
        psycopg2.sql.Identifier(name) for name in names
    )


def _sorted_files() -> list[Path]:
    """Return the files of the views, each after those that it reads."""
    files = {path.stem: path for path in sorted(VIEWS.glob('*.sql'))}
    reads = {
        name: set(re.findall(r'\w+', render(path))) & files.keys() - {name}
        for name, path in files.items()
    }
    return [files[name] for name in TopologicalSorter(reads).static_order()]
