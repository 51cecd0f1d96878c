"""Bring the warehouse up to date: migrations, then views and grants.

If a migration is pending or a view has changed, one transaction applies the
pending migrations and rebuilds the views that changed.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
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

from github_warehouse.errors import UsageError
from github_warehouse.warehouse.connection import (
    Connection,
    Warehouse,
    connect,
    lock_name,
    transaction,
)
from github_warehouse.warehouse.readers import find_readers, grant_reading
from github_warehouse.warehouse.rebuild import drop_views, rebuild_views
from github_warehouse.warehouse.schema import prepare_schema
from github_warehouse.warehouse.statements import read_sql
from github_warehouse.warehouse.view_files import (
    built_views,
    outdated_views,
    readable,
)

MIGRATIONS = Path(__file__).parents[1] / 'migrations'

# How long to wait for another migration. No session waits for us meanwhile.
_LOCK_WAIT = '60s'
# How long to wait for readers. It is short, because new readers queue behind
# us meanwhile.
_TRY_WAIT = '3s'


def _log_wait(state: RetryCallState) -> None:
    structlog.get_logger().warning(
        'the warehouse is being read, trying again',
        attempt=state.attempt_number,
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
# Settings of the session, which is not pooled. A migration may take hours.
_SETTINGS = """
    set time zone 'UTC';
    set search_path to {schema};
    set lock_timeout to %(lock_timeout)s;
    set statement_timeout to '3h';
    set tcp_keepalives_idle to 60;
    set tcp_keepalives_interval to 15;
    set tcp_keepalives_count to 4
"""


class _Backend(PostgresqlBackend):  # type: ignore[misc]
    """yoyo on an open connection, with one transaction per migration.

    yoyo applies a migration in one transaction and marks it as applied in
    another. If the process is killed between the two, the migration can be
    neither applied nor rolled back.
    """

    def __init__(self, connection: Connection) -> None:
        self._given = connection
        super().__init__(
            parse_uri('postgresql:///given'), default_migration_table
        )
        self.init_database()
        # A killed process leaves a row in yoyo's lock table. The advisory
        # lock keeps other migrations out.
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
    """Apply the pending migrations, and rebuild the views that changed.

    Returns:
        What was done, one line per step; empty if everything was up to date.

    Raises:
        RunInProgressError: another migration holds the lock.
        UsageError: the schema is not the warehouse's, or a reader is not only
            a reader; nothing was changed.
        DatabaseError: another object depends on a view that must be dropped,
            or a session keeps reading the views.
    """
    with (
        connect(warehouse, is_direct=True, look_seconds=0.5) as connection,
        _migration_lock(connection),
    ):
        readers = find_readers(connection, warehouse.readers)
        prepare_schema(connection, MIGRATIONS)
        applied: list[str] = _TRIES(_apply, connection, readers)
        return applied


def _apply(connection: Connection, readers: Sequence[str]) -> list[str]:
    """Apply the pending migrations, and rebuild the views that changed.

    Args:
        connection: connection that holds the lock.
        readers: roles that are granted reading.

    Returns:
        What was done, one line per step.
    """
    backend = _Backend(connection)
    pending = backend.to_apply(_read_migrations())
    if not pending and not any(outdated_views(connection)):
        # a reader may have been created since
        grant_reading(connection, readers, readable())
        return []
    with backend.transaction():
        for migration in pending:
            backend.apply_one(migration)
        _comment_metrics(connection)
        rebuilt = rebuild_views(connection)
        grant_reading(connection, readers, readable())
    return [
        *(f'applied {migration.id}' for migration in pending),
        *([f'rebuilt {rebuilt} view{"s" * (rebuilt > 1)}'] if rebuilt else []),
    ]


def roll_back(warehouse: Warehouse) -> None:
    """Roll back every migration, which deletes all data.

    Raises:
        DatabaseError: another object depends on a view.
    """
    with connect(warehouse, is_direct=True) as connection:
        with _migration_lock(connection):
            backend = _Backend(connection)
            with backend.transaction():
                drop_views(connection, built_views(connection))
                for migration in backend.to_rollback(_read_migrations()):
                    backend.rollback_one(migration)


def ensure_migrated(warehouse: Warehouse, connection: Connection) -> None:
    """Ensure that the warehouse has the tables and views of this version.

    An embedded warehouse is migrated, because it belongs to this account. A
    server is only checked, because its owner migrates it. A reader cannot see
    the migrations: nothing is checked.

    Raises:
        UsageError: a server lacks a migration.
    """
    with transaction(connection) as cursor:
        cursor.execute(
            "select has_table_privilege(to_regclass(%s), 'select')",
            (default_migration_table,),
        )
        (may_read,) = cursor.fetchone() or (None,)
        if may_read is False:
            return
        applied: set[str] = set()
        if may_read:
            cursor.execute('select migration_id from _yoyo_migration')
            applied = {row[0] for row in cursor.fetchall()}
    pending = [
        migration.id
        for migration in _read_migrations()
        if migration.id not in applied
    ]
    if warehouse.start_again is not None:
        with transaction(connection):
            outdated = outdated_views(connection)
        if pending or any(outdated):
            migrate(warehouse)
            structlog.get_logger().info('migrated', migrations=len(pending))
    elif pending:
        raise UsageError(
            f'the warehouse lacks migration {pending[0]}: '
            'run `github-warehouse migrate` first'
        )


def _read_migrations() -> MigrationList:
    return yoyo_read_migrations(str(MIGRATIONS))


@contextmanager
def _migration_lock(connection: Connection) -> Iterator[None]:
    """Keep other migrations out; limit later waits for locks."""
    connection.autocommit = True
    with closing(connection.cursor()) as cursor:
        cursor.execute(
            psycopg2.sql.SQL(_SETTINGS).format(
                schema=psycopg2.sql.Identifier(connection.schema)
            ),
            {'lock_timeout': _LOCK_WAIT},
        )
        cursor.execute(
            'select pg_advisory_lock(hashtext(%s))',
            (lock_name(connection, 'migrate'),),
        )
        cursor.execute('set lock_timeout to %s', (_TRY_WAIT,))
        yield


def _comment_metrics(connection: Connection) -> None:
    with closing(connection.cursor()) as cursor:
        cursor.execute(read_sql('comment_metrics'))
