"""Create, replace and drop views and contract relations.

Both are views in PostgreSQL, and are replaced in place if they keep their
columns, so that objects of others that read them stay. Otherwise a view is
dropped, and a contract relation is refused.
"""

import json
import re
from collections.abc import Collection, Sequence
from contextlib import closing
from pathlib import Path

import psycopg2.errors
import psycopg2.sql

from github_warehouse.errors import DatabaseError, UsageError
from github_warehouse.warehouse.connection import Connection, Cursor
from github_warehouse.warehouse.statements import (
    CONTRACTS,
    VIEWS,
    read_sql,
    render,
)
from github_warehouse.warehouse.view_files import (
    built_views,
    digest,
    outdated_views,
    sorted_files,
)

_PARTS = re.compile(
    r'.*?^create or replace view \w+ as\n(?P<query>.*?);\n(?P<comments>.*)',
    re.DOTALL | re.MULTILINE,
)


def rebuild_views(connection: Connection) -> int:
    """Create or replace what changed, and drop what is gone.

    It needs an open transaction.

    Returns:
        How many views and contract relations were created, replaced or
        dropped.

    Raises:
        UsageError: a relation of another program has the name of a new one.
        DatabaseError: another object depends on a view that must be dropped;
            or a contract relation would lose a column.
    """
    changed, gone = outdated_views(connection)
    names = {path.stem for path in changed}
    with closing(connection.cursor()) as cursor:
        _check_free(cursor, names - built_views(connection).keys())
        refused = {
            path.stem for path in changed if not _is_replaced(cursor, path)
        }
        dropped = drop_views(connection, gone | refused)
        for path in sorted_files():
            if path.stem in dropped:
                cursor.execute(render(path))
    _record(connection)
    return len(names | dropped)


def drop_views(connection: Connection, names: Collection[str]) -> set[str]:
    """Drop views, and those of ours that depend on them.

    Returns:
        The names of all that were dropped.

    Raises:
        DatabaseError: an object that is not ours depends on one of them.
    """
    if not names:
        return set()
    ours = built_views(connection).keys()
    with closing(connection.cursor()) as cursor:
        cursor.execute(read_sql('dependent_objects'), {'views': sorted(names)})
        found = cursor.fetchall()
        others = [
            f'{what} depends on {parent}'
            for what, parent, name in found
            if name not in ours
        ]
        if others:
            raise DatabaseError(
                'nothing was changed, because views must be dropped that '
                f'other objects depend on: {"; ".join(others)}; drop these '
                'objects, migrate, then create them again, best on contract '
                'relations (docs/contract-relations.md)'
            )
        dropped = {*names, *(name for *_, name in found)}
        cursor.execute(
            psycopg2.sql.SQL('drop view {}').format(
                psycopg2.sql.SQL(', ').join(
                    map(psycopg2.sql.Identifier, sorted(dropped))
                )
            )
        )
    return dropped


def _check_free(cursor: Cursor, names: Collection[str]) -> None:
    """Check that no relation or type of another program has one of the names.

    Raises:
        UsageError: one has.
    """
    cursor.execute(
        'select relname from pg_class where relname = any (%(names)s)'
        ' and relnamespace = current_schema()::regnamespace'
        ' union'
        ' select typname from pg_type where typname = any (%(names)s)'
        ' and typnamespace = current_schema()::regnamespace order by relname',
        {'names': list(names)},
    )
    taken = [name for (name,) in cursor.fetchall()]
    if taken:
        raise UsageError(
            f'the schema has {", ".join(taken)} of another program: rename '
            'them or move them to another schema, then migrate again'
        )


def _is_replaced(cursor: Cursor, path: Path) -> bool:
    """Create a view or replace it in place; return whether that is possible.

    Raises:
        DatabaseError: a contract relation cannot be replaced in place.
    """
    if _is_executed(cursor, psycopg2.sql.SQL(render(path))):
        return True
    cursor.execute(read_sql('view_columns'), (path.stem,))
    existing = [name for name, _ in cursor.fetchall()]
    given, statement = _appending(cursor, path, existing)
    lost = ', '.join(name for name in existing if name not in given)
    if not lost and _is_executed(cursor, statement):
        return True
    if path.parent == CONTRACTS:
        raise DatabaseError(
            f'nothing was changed, because {path.stem} would lose '
            + (f'the column {lost}' if lost else 'the type of a column')
            + ': this version of github-warehouse is older than the one that '
            'migrated the warehouse; install that one'
        )
    return False


def _appending(
    cursor: Cursor, path: Path, existing: Sequence[str]
) -> tuple[list[str], psycopg2.sql.Composable]:
    """Return the columns of a file, and a statement that appends new ones.

    In the statement, existing columns keep their order, whatever it is in the
    file, and new ones follow them.
    """
    parts = _PARTS.match(render(path))
    assert parts is not None, path
    query = psycopg2.sql.SQL(parts['query'])
    cursor.execute(
        psycopg2.sql.SQL('select * from ({}) as body limit 0').format(query)
    )
    given = [column.name for column in cursor.description or ()]
    columns = dict.fromkeys([*existing, *given])
    statement = psycopg2.sql.SQL(
        'create or replace view {} as select {} from ({}) as body; {}'
    ).format(
        psycopg2.sql.Identifier(path.stem),
        psycopg2.sql.SQL(', ').join(map(psycopg2.sql.Identifier, columns)),
        query,
        psycopg2.sql.SQL(parts['comments']),
    )
    return given, statement


def _is_executed(cursor: Cursor, statement: psycopg2.sql.Composable) -> bool:
    """Run a statement; return whether the columns of its view allow it."""
    cursor.execute('savepoint replacement')
    try:
        cursor.execute(statement)
    except psycopg2.errors.InvalidTableDefinition:
        cursor.execute('rollback to savepoint replacement')
        return False
    cursor.execute('release savepoint replacement')
    return True


def _record(connection: Connection) -> None:
    """Record the files that views and contract relations were built from."""
    recorded = {VIEWS: {}, CONTRACTS: built_views(connection, [CONTRACTS])}
    with closing(connection.cursor()) as cursor:
        for folder, digests in recorded.items():
            current = {
                path.stem: digest(path) for path in folder.glob('*.sql')
            }
            cursor.execute(
                read_sql('remember_property'),
                (folder.name, json.dumps(digests | current)),
            )
