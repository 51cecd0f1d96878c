"""Bring the warehouse up to date: migrations, then views and grants.

Tables are migrated, views are derived: all views are dropped and created
again, in the transaction that applies what is pending, and only when
something is pending or a view changed.
"""

import json
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from graphlib import TopologicalSorter
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg2.errors
import psycopg2.sql
import structlog
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_delay,
    wait_random,
)
from yoyo.backends.core.postgresql import PostgresqlBackend
from yoyo.connections import parse_uri
from yoyo.migrations import MigrationList, default_migration_table
from yoyo.migrations import read_migrations as yoyo_read_migrations

from github_warehouse.errors import (
    DatabaseError,
    UsageError,
)
from github_warehouse.warehouse.connection import (
    Connection,
    Warehouse,
    connect,
    transaction,
)
from github_warehouse.warehouse.statements import VIEWS, read_sql, render

MIGRATIONS = Path(__file__).parents[1] / 'migrations'

# For another migration. Nobody waits for us meanwhile.
_LOCK_WAIT = '60s'
# For readers. Whoever comes later waits for us meanwhile, so not for long.
_TRY_WAIT = '3s'


def _log_wait(state: RetryCallState) -> None:
    structlog.get_logger().warning(
        'somebody reads the warehouse, trying again',
        tries=state.attempt_number,
    )


_TRIES = Retrying(
    stop=stop_after_delay(90),
    wait=wait_random(1, 5),
    retry=retry_if_exception_type(
        (psycopg2.errors.LockNotAvailable, psycopg2.errors.DeadlockDetected)
    ),
    before_sleep=_log_wait,
    reraise=True,
)
# Of the session: migrations have a direct endpoint. They may take hours.
_SETTINGS = """
    set time zone 'UTC';
    set search_path to public;
    set lock_timeout to %(lock_timeout)s;
    set statement_timeout to '3h';
    set tcp_keepalives_idle to 60;
    set tcp_keepalives_interval to 15;
    set tcp_keepalives_count to 4
"""
_READER_ROLE = 'warehouse_reader'
ROLLUPS = ('company_daily', 'company_language_daily')


class _Backend(PostgresqlBackend):  # type: ignore[misc]
    """yoyo on a connection of ours; applied and marked is one step.

    yoyo applies a migration in one transaction and marks it in another: a
    process killed between the two leaves a migration that can be neither
    applied nor rolled back.
    """

    def __init__(self, connection: Connection) -> None:
        self._given = connection
        super().__init__(
            parse_uri('postgresql:///given'), default_migration_table
        )
        self.init_database()
        # A row in yoyo's own lock table was left by a process that was
        # killed: the advisory lock is what keeps others out.
        self.break_lock()

    def connect(self, dburi: object) -> Connection:
        return self._given

    def apply_one(
        self, migration: Any, force: bool = False, mark: bool = True
    ) -> None:
        with self.transaction():
            migration.process_steps(self, 'apply', force=force)
            self.log_migration(migration, 'apply')
            self.mark_one(migration, log=False)

    def rollback_one(self, migration: Any, force: bool = False) -> None:
        with self.transaction():
            migration.process_steps(self, 'rollback', force=force)
            self.log_migration(migration, 'rollback')
            self.unmark_one(migration, log=False)


def migrate(warehouse: Warehouse) -> list[str]:
    """Apply what is pending and rebuild the views where that is needed.

    Returns:
        What was done, a line each; empty when all was up to date.

    Raises:
        RunInProgressError: another migration holds the lock.
        DatabaseError: an object of somebody else depends on a view, or a
            session reads the views and does not end.
    """
    with (
        connect(warehouse.migration_url, look_seconds=0.5) as connection,
        _migration_lock(connection),
    ):
        _check_may_create(connection)
        applied: list[str] = _TRIES(_apply, connection)
        return applied


def _apply(connection: Connection) -> list[str]:
    """Apply what is pending, in one transaction; say what was done."""
    backend = _Backend(connection)
    pending = backend.to_apply(_read_migrations())
    current = {view.stem: _digest(view) for view in _view_files()}
    built = _built_views(connection)
    if not pending and built == current:
        # the reader may have come since
        with connection:
            _grant_reading(connection, sorted(current))
        return []
    with backend.transaction():
        _drop_views(connection, set(built) | set(current))
        for migration in pending:
            backend.apply_one(migration)
        _comment_metrics(connection)
        _create_views(connection)
        _grant_reading(connection, sorted(current))
        _remember_views(connection, current)
    return [f'applied {migration.id}' for migration in pending] + [
        f'rebuilt {len(current)} views'
    ]


def roll_back(warehouse: Warehouse) -> None:
    """Undo every migration, and with them lose every row."""
    with connect(warehouse.migration_url) as connection:
        with _migration_lock(connection):
            backend = _Backend(connection)
            with backend.transaction():
                _drop_views(connection, set(_built_views(connection)))
                for migration in backend.to_rollback(_read_migrations()):
                    backend.rollback_one(migration)


def ensure_migrated(warehouse: Warehouse, connection: Connection) -> None:
    """Make sure that the warehouse has the tables and views of this version.

    An embedded warehouse belongs to this account alone, so it is migrated
    here. A server is migrated by its owner.

    Raises:
        UsageError: a server lacks a migration.
    """
    with transaction(connection) as cursor:
        cursor.execute('select to_regclass(%s)', (default_migration_table,))
        (marks,) = cursor.fetchone() or (None,)
        applied: set[str] = set()
        if marks is not None:
            cursor.execute('select migration_id from _yoyo_migration')
            applied = {row[0] for row in cursor.fetchall()}
    pending = [
        migration.id
        for migration in _read_migrations()
        if migration.id not in applied
    ]
    if warehouse.start_again is not None:
        views = {view.stem: _digest(view) for view in _view_files()}
        built = _built_views(connection)
        connection.rollback()
        if pending or built != views:
            migrate(warehouse)
            structlog.get_logger().info('migrated', migrations=len(pending))
    elif pending:
        raise UsageError(
            f'the warehouse lacks migration {pending[0]}: '
            'run `github-warehouse migrate` first'
        )


def view_names() -> list[str]:
    """Name every view of this version."""
    return sorted(path.stem for path in VIEWS.glob('*.sql'))


def _read_migrations() -> MigrationList:
    return yoyo_read_migrations(str(MIGRATIONS))


@contextmanager
def _migration_lock(connection: Connection) -> Iterator[None]:
    """Keep other migrations out; then wait for no lock for long."""
    connection.autocommit = True
    with closing(connection.cursor()) as cursor:
        cursor.execute(_SETTINGS, {'lock_timeout': _LOCK_WAIT})
        cursor.execute(
            'select pg_advisory_lock(hashtext(%s))',
            ('github-warehouse migrate',),
        )
        cursor.execute('set lock_timeout to %s', (_TRY_WAIT,))
        yield


def _check_may_create(connection: Connection) -> None:
    with closing(connection.cursor()) as cursor:
        cursor.execute(
            'select current_user,' " has_schema_privilege('public', 'create')"
        )
        user, may_create = cursor.fetchone() or ('', False)
    if not may_create:
        raise DatabaseError(
            f'{user} may not create tables: let the owner of the database '
            f'run `grant create on schema public to {user}`'
        )


def _view_files() -> list[Path]:
    """List the views in an order in which each finds what it reads."""
    files = {path.stem: path for path in sorted(VIEWS.glob('*.sql'))}
    reads = {
        name: set(re.findall(r'\w+', render(path))) & files.keys() - {name}
        for name, path in files.items()
    }
    return [files[name] for name in TopologicalSorter(reads).static_order()]


def _digest(view: Path) -> str:
    return sha256(render(view).encode()).hexdigest()


def _built_views(connection: Connection) -> dict[str, str]:
    """Tell which views of ours exist, with the digest each was built from."""
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
            'select viewname from pg_views where schemaname = %s',
            ('public',),
        )
        existing = {name for name, in cursor.fetchall()}
        return {
            name: digest
            for name, digest in recorded.items()
            if name in existing
        }


def _drop_views(connection: Connection, names: set[str]) -> None:
    if not names:
        return
    statement = psycopg2.sql.SQL('drop view if exists {}').format(
        psycopg2.sql.SQL(', ').join(
            psycopg2.sql.Identifier('public', name) for name in sorted(names)
        )
    )
    with closing(connection.cursor()) as cursor:
        try:
            cursor.execute(statement)
        except psycopg2.errors.DependentObjectsStillExist as error:
            detail = (error.diag.message_detail or '').splitlines()
            raise DatabaseError(
                'the views cannot be rebuilt, something else reads them: '
                f'{"; ".join(detail)}; drop that first, '
                'then migrate again'
            ) from error


def _comment_metrics(connection: Connection) -> None:
    with closing(connection.cursor()) as cursor:
        cursor.execute(read_sql('comment_metrics'))


def _create_views(connection: Connection) -> None:
    with closing(connection.cursor()) as cursor:
        for view in _view_files():
            cursor.execute(render(view))


def _grant_reading(connection: Connection, views: list[str]) -> None:
    """Let the reader, where there is one, read views and rollups."""
    with closing(connection.cursor()) as cursor:
        cursor.execute(
            'select from pg_roles where rolname = %s', (_READER_ROLE,)
        )
        if cursor.fetchone() is None:
            return
        cursor.execute(
            psycopg2.sql.SQL('grant select on {} to {}').format(
                psycopg2.sql.SQL(', ').join(
                    psycopg2.sql.Identifier('public', name)
                    for name in (*views, *ROLLUPS)
                ),
                psycopg2.sql.Identifier(_READER_ROLE),
            )
        )


def _remember_views(connection: Connection, digests: dict[str, str]) -> None:
    with closing(connection.cursor()) as cursor:
        cursor.execute(
            read_sql('remember_property'), ('views', json.dumps(digests))
        )
