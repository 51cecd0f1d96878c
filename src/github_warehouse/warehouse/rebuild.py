"""Create, replace and drop views and contract relations.

Both are views in PostgreSQL. A contract relation is never dropped, only
replaced in place, so that objects of others that read it stay. A view is
replaced in place, too, unless its existing columns changed.
"""

import json
import re
from collections.abc import Collection
from contextlib import closing
from pathlib import Path

import psycopg2.errors
import psycopg2.sql

from github_warehouse.errors import DatabaseError
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
    grant_reading,
    outdated_views,
    sorted_files,
)

_PARTS = re.compile(
    r'.*?^create or replace view \w+ as\n(?P<query>.*?);\n(?P<comments>.*)',
    re.DOTALL | re.MULTILINE,
)


def rebuild_views(connection: Connection) -> int:
    """Create or replace what changed, drop what is gone, and grant access.

    It needs an open transaction.

    Returns:
        How many views and contract relations were created, replaced or
        dropped.

    Raises:
        DatabaseError: another object depends on a view that must be dropped
            or has the name of a new one; or a contract relation would lose a
            column.
    """
    changed, gone = outdated_views(connection)
    names = {path.stem for path in changed}
    with closing(connection.cursor()) as cursor:
        _check_free(cursor, names - built_views(connection).keys())
        refused = [path for path in changed if not _replaces(cursor, path)]
        dropped = drop_views(
            connection,
            gone | {path.stem for path in refused if path.parent == VIEWS},
        )
        for path in sorted_files():
            if path.stem in dropped:
                cursor.execute(render(path))
            elif path in refused:
                _append_columns(cursor, path)
    _record(connection)
    grant_reading(connection)
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
    """Check that no relation of somebody else has a name that we need."""
    cursor.execute(
        'select relname from pg_class where relname = any (%s)'
        ' and relnamespace = current_schema()::regnamespace order by relname',
        (list(names),),
    )
    taken = [name for (name,) in cursor.fetchall()]
    if taken:
        raise DatabaseError(
            f'{", ".join(taken)}: a relation with that name exists, which '
            'github-warehouse did not create: rename it or move it to another '
            'schema, then migrate again'
        )


def _replaces(cursor: Cursor, path: Path) -> bool:
    """Run a file; return whether its view could be replaced in place."""
    return _is_executed(cursor, psycopg2.sql.SQL(render(path)))


def _is_executed(cursor: Cursor, statement: psycopg2.sql.Composable) -> bool:
    cursor.execute('savepoint replacement')
    try:
        cursor.execute(statement)
    except psycopg2.errors.InvalidTableDefinition:
        cursor.execute('rollback to savepoint replacement')
        return False
    cursor.execute('release savepoint replacement')
    return True


def _append_columns(cursor: Cursor, path: Path) -> None:
    """Replace a contract relation: its columns stay, new ones follow them.

    Raises:
        DatabaseError: a column would be lost, or would get another type.
    """
    parts = _PARTS.match(render(path))
    assert parts is not None, path
    query = psycopg2.sql.SQL(parts['query'])
    cursor.execute(read_sql('view_columns'), (path.stem,))
    existing = [name for name, _ in cursor.fetchall()]
    cursor.execute(
        psycopg2.sql.SQL('select * from ({}) as body limit 0').format(query)
    )
    given = [column.name for column in cursor.description or ()]
    lost = [name for name in existing if name not in given]
    columns = dict.fromkeys([*existing, *given])
    statement = psycopg2.sql.SQL(
        'create or replace view {} as select {} from ({}) as body'
    ).format(
        psycopg2.sql.Identifier(path.stem),
        psycopg2.sql.SQL(', ').join(map(psycopg2.sql.Identifier, columns)),
        query,
    )
    if lost or not _is_executed(cursor, statement):
        raise DatabaseError(
            f'nothing was changed, because {path.stem} would lose the column '
            f'{", ".join(lost)}: a later version of github-warehouse added '
            'it; install that version'
            if lost
            else f'nothing was changed, because a column of {path.stem} would '
            'change its type: please report this'
        )
    cursor.execute(parts['comments'])


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
