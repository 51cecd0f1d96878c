"""Migrations: up, repeated, down, up again, killed, and concurrent."""

import threading
import time
from contextlib import closing

import pytest
from tenacity import stop_after_delay, wait_fixed

from github_warehouse.errors import (
    DatabaseError,
    RunInProgressError,
    UsageError,
)
from github_warehouse.warehouse import migrate as migrate_module
from github_warehouse.warehouse.connection import connect, lock_name
from github_warehouse.warehouse.migrate import (
    ensure_migrated,
    migrate,
    roll_back,
)
from github_warehouse.warehouse.rebuild import drop_views
from github_warehouse.warehouse.statements import CONTRACTS, VIEWS
from github_warehouse.warehouse.view_files import built_views
from support import execute, open_database, outdate, schema, warehouse_at

pytestmark = pytest.mark.usefixtures('each_schema')
_SCHEMA = """
    select table_name, column_name, data_type, is_nullable, column_default
    from information_schema.columns
    where table_schema = current_schema() and table_name not like '%%yoyo%%'
    order by table_name, ordinal_position
"""
_OBJECT_IDS = """
    select relname, oid
    from pg_class
    where relnamespace = current_schema()::regnamespace
    order by relname
"""


def _rows(url: str, query: str) -> list[tuple[object, ...]]:
    with closing(open_database(url)) as connection:
        with closing(connection.cursor()) as cursor:
            cursor.execute(query)
            return cursor.fetchall()


def _migrations() -> list[str]:
    return sorted(
        path.stem
        for path in migrate_module.MIGRATIONS.glob('*.sql')
        if not path.stem.endswith('.rollback')
    )


def test_migrate_creates_tables_and_views(empty_url: str) -> None:
    done = migrate(warehouse_at(empty_url))
    views = _rows(
        empty_url,
        "select count(*) from pg_views where schemaname = current_schema()",
    )
    files = len([*VIEWS.glob('*.sql'), *CONTRACTS.glob('*.sql')])
    assert done == [
        *(f'applied {name}' for name in _migrations()),
        f'rebuilt {files} views',
    ]
    assert views == [(files,)]


def test_migrating_twice_changes_nothing(warehouse_url: str) -> None:
    before = _rows(warehouse_url, _OBJECT_IDS)
    assert migrate(warehouse_at(warehouse_url)) == []
    assert _rows(warehouse_url, _OBJECT_IDS) == before


def test_rolling_back_and_migrating_again_gives_the_same_schema(
    warehouse_url: str,
) -> None:
    before = _rows(warehouse_url, _SCHEMA)
    roll_back(warehouse_at(warehouse_url))
    assert _rows(warehouse_url, _SCHEMA) == []
    migrate(warehouse_at(warehouse_url))
    assert _rows(warehouse_url, _SCHEMA) == before


def test_a_dropped_view_is_recreated(warehouse_url: str) -> None:
    execute(warehouse_url, 'drop view trending_repos')
    assert migrate(warehouse_at(warehouse_url)) == ['rebuilt 1 view']
    assert _rows(warehouse_url, 'select * from trending_repos') == []


def test_a_lock_row_of_a_killed_yoyo_blocks_no_migration(
    warehouse_url: str,
) -> None:
    roll_back(warehouse_at(warehouse_url))
    execute(
        warehouse_url,
        'insert into yoyo_lock (locked, ctime, pid) values (1, now(), 1)',
    )
    assert 'applied 0001.dimensions' in migrate(warehouse_at(warehouse_url))


def test_a_failed_migration_is_rolled_back(empty_url: str) -> None:
    # prevents the index of this name, in a late migration
    statement = f'create sequence {schema()}.ingestion_state_login'
    execute(empty_url, f'create schema if not exists {schema()}')
    execute(empty_url, statement)
    before = _rows(empty_url, _SCHEMA)
    with pytest.raises(DatabaseError, match='ingestion_state_login'):
        migrate(warehouse_at(empty_url))
    assert _rows(empty_url, _SCHEMA) == before


def test_concurrent_migrations_are_applied_once(empty_url: str) -> None:
    done: list[list[str]] = []
    threads = [
        threading.Thread(
            target=lambda: done.append(migrate(warehouse_at(empty_url)))
        )
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    every = len(_migrations()) + 1
    assert sorted(len(lines) for lines in done) == [0, every]


def test_a_held_lock_times_out(
    warehouse_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate_module, '_LOCK_WAIT', '3s')
    with connect(warehouse_at(warehouse_url)) as connection:
        with connection.cursor() as cursor:
            cursor.execute(
                'select pg_advisory_lock(hashtext(%s))',
                (lock_name(connection, 'migrate'),),
            )
        holder = f'session {connection.info.backend_pid} '
        with pytest.raises(RunInProgressError, match=holder) as raised:
            migrate(warehouse_at(warehouse_url))
    assert raised.value.exit_code == 75


def test_a_migration_waiting_for_a_reader_blocks_no_others(
    warehouse_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader keeps its transaction open while others read."""
    tries = migrate_module._TRIES
    assert isinstance(tries.stop, stop_after_delay)
    assert tries.stop.max_delay == 90
    shorter = tries.copy(stop=stop_after_delay(5), wait=wait_fixed(1))
    monkeypatch.setattr(migrate_module, '_TRIES', shorter)
    outdate(warehouse_url, 'data_freshness')
    over = threading.Event()
    waits: list[float] = []

    def read() -> None:
        while not over.wait(0.05):
            began = time.monotonic()
            _rows(warehouse_url, 'select * from data_freshness')
            waits.append(time.monotonic() - began)

    with closing(open_database(warehouse_url)) as reader:
        with closing(reader.cursor()) as cursor:
            cursor.execute('select * from data_freshness')
        others = threading.Thread(target=read)
        others.start()
        try:
            holder = f'session {reader.info.backend_pid} '
            with pytest.raises(DatabaseError, match=holder):
                migrate(warehouse_at(warehouse_url))
        finally:
            over.set()
            others.join()
    assert 1 < max(waits) < 6
    assert migrate(warehouse_at(warehouse_url))[-1].startswith('rebuilt')


def test_the_reader_can_read_only_views_and_rollups(
    own_server_url: str,
) -> None:
    readable = """
        select count(*)
        from pg_class
        where
            relnamespace = current_schema()::regnamespace
            and relkind in ('r', 'p', 'v')
            and has_table_privilege('warehouse_reader', oid, 'select')
    """
    with closing(open_database(own_server_url)) as connection:
        connection.autocommit = True
        with closing(connection.cursor()) as cursor:
            cursor.execute('create role warehouse_reader')
            migrate(warehouse_at(own_server_url))
            cursor.execute(readable)
            views = len([*VIEWS.glob('*.sql'), *CONTRACTS.glob('*.sql')])
            assert cursor.fetchone() == (views + 2,)
            # new views, and views that lost a grant, get it again
            cursor.execute(
                'revoke select on trending_repos from warehouse_reader'
            )
            assert migrate(warehouse_at(own_server_url)) == []
            cursor.execute(readable)
            assert cursor.fetchone() == (views + 2,)


def test_a_warehouse_with_a_pending_migration_is_refused(
    empty_url: str,
) -> None:
    with connect(warehouse_at(empty_url)) as connection:
        with pytest.raises(UsageError, match='github-warehouse migrate'):
            ensure_migrated(warehouse_at(empty_url), connection)
    migrate(warehouse_at(empty_url))
    with connect(warehouse_at(empty_url)) as connection:
        ensure_migrated(warehouse_at(empty_url), connection)


def test_alerts_of_version_0_1_are_neither_repeated_nor_resolved(
    empty_url: str,
) -> None:
    """They are keyed by login; two companies have one."""
    warehouse = warehouse_at(empty_url)
    migrate(warehouse)
    with (
        connect(warehouse_at(empty_url)) as connection,
        migrate_module._migration_lock(connection),
    ):
        backend = migrate_module._Backend(connection)
        drop_views(connection, built_views(connection))
        for each in backend.to_rollback(migrate_module._read_migrations()):
            if each.id >= '0010':
                backend.rollback_one(each)
    execute(
        empty_url,
        "insert into companies values (7, 'acme', 'User', false),"
        " (8, 'acme', 'User', true);"
        "insert into alerts select alert_key, 'said', now()"
        " from unnest('{run,stale:acme,audit:stars_fell}'::text[])"
        ' as alert_key',
    )
    assert migrate(warehouse)[0] == 'applied 0010.tracked_at'
    keys = _rows(empty_url, 'select alert_key from alerts order by 1')
    assert keys == [('audit:stars_fell',), ('run',), ('stale:8',)]
