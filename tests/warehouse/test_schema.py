"""A warehouse in a schema of its own, beside others, and its readers."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import psycopg2
import psycopg2.errors
import pytest

from cli.conftest import environment
from github_simulator import Simulator
from github_warehouse.config import Settings, read_settings
from github_warehouse.errors import (
    DatabaseError,
    RunInProgressError,
    SettingsError,
    UsageError,
)
from github_warehouse.ingest import ingest
from github_warehouse.run_result import RunOptions
from github_warehouse.warehouse.audit import audit_stored
from github_warehouse.warehouse.connection import (
    Connection,
    Warehouse,
    connect,
    lock_name,
    open_warehouse,
    transaction,
)
from github_warehouse.warehouse.migrate import migrate, roll_back
from github_warehouse.warehouse.view_files import readable
from simulated import serve
from support import database_url, execute

# the tests set the schema of each warehouse
pytestmark = pytest.mark.filterwarnings('ignore:XDG_RUNTIME_DIR')
Rows = list[tuple[Any, ...]]
Command = Callable[..., subprocess.CompletedProcess[str]]
_EVERYTHING = """
    select pg_namespace.nspname, pg_class.relname, pg_class.relkind::text
    from pg_class
    inner join pg_namespace on pg_namespace.oid = pg_class.relnamespace
    where
        pg_namespace.nspname not like 'pg\\_%'
        and pg_namespace.nspname <> 'information_schema'
    order by 1, 2
"""


@pytest.fixture(autouse=True)
def no_test_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the schema explicitly in each test."""
    monkeypatch.delenv('TEST_SCHEMA', raising=False)
    monkeypatch.delenv('WAREHOUSE_SCHEMA', raising=False)


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """A function that runs `github-warehouse` with only the given settings."""

    def run(
        *arguments: str, **settings: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, '-m', 'github_warehouse', *arguments],
            env=environment(**settings),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=300,
        )

    return run


def _settings(url: str, schema: str = 'public', readers: str = '') -> Settings:
    given = {'WAREHOUSE_URL': url, 'WAREHOUSE_SCHEMA': schema}
    if readers:
        given['WAREHOUSE_READERS'] = readers
    return read_settings(given)


@contextmanager
def _opened(*arguments: str) -> Iterator[Warehouse]:
    with open_warehouse(_settings(*arguments)) as warehouse:
        yield warehouse


def _migrate(*arguments: str) -> list[str]:
    with _opened(*arguments) as warehouse:
        return migrate(warehouse)


def _rows(url: str, statement: str) -> Rows:
    with closing(psycopg2.connect(url)) as connection:
        with closing(connection.cursor()) as cursor:
            cursor.execute(statement)
            return cursor.fetchall()


def _as(role: str, url: str) -> str:
    return url.replace('//postgres@', f'//{role}@')


@pytest.mark.parametrize(
    'value',
    ['', 'Github', 'git-hub', 'git hub', '1hub', 'a' * 64, 'a"b', 'é']
    + ['pg_github', 'information_schema', 'one,two', 'github;'],
)
def test_a_schema_that_is_no_plain_name_is_refused(value: str) -> None:
    with pytest.raises(SettingsError, match='WAREHOUSE_SCHEMA') as refused:
        read_settings({'WAREHOUSE_SCHEMA': value})
    assert refused.value.exit_code == 2
    assert '\n' not in str(refused.value)


@pytest.mark.parametrize(
    'value',
    ['', ',', 'a,', 'Grafana', 'me@x', 'public', 'a,none', 'pg_monitor'],
)
def test_a_reader_that_is_no_plain_name_is_refused(value: str) -> None:
    with pytest.raises(SettingsError, match='WAREHOUSE_READERS'):
        read_settings({'WAREHOUSE_READERS': value})


def test_readers_are_named_once() -> None:
    settings = read_settings({'WAREHOUSE_READERS': 'grafana, bi ,grafana'})
    assert settings.readers == ('grafana', 'bi')


@pytest.mark.parametrize('name', ['a' * 63, 'user', '_github2'])
def test_any_plain_name_is_a_schema(empty_url: str, name: str) -> None:
    """Some are keywords of SQL."""
    assert _migrate(empty_url, name)[-1].startswith('rebuilt')
    assert _migrate(empty_url, name) == []
    assert {row[0] for row in _rows(empty_url, _EVERYTHING)} == {name}
    with _opened(empty_url, name) as warehouse:
        roll_back(warehouse)
    assert 'repos' not in {row[1] for row in _rows(empty_url, _EVERYTHING)}


def test_a_role_that_owns_only_the_schema_suffices(
    own_server_url: str, command: Command, simulator: Simulator
) -> None:
    """It has no right on `public`, where another program has tables."""
    execute(own_server_url, 'create role github_owner login')
    execute(own_server_url, 'create database shared')
    url = database_url(own_server_url, 'shared')
    for statement in (
        'revoke all on schema public from public',
        'create table public.repos (id text)',
        'create table public._yoyo_migration (id text)',
        'create table public.repo_snapshots_20260228 (id text)',
        "insert into public.repos values ('theirs')",
        'create schema github authorization github_owner',
    ):
        execute(url, statement)
    before = [row for row in _rows(url, _EVERYTHING) if row[0] == 'public']
    given = {
        'WAREHOUSE_URL': _as('github_owner', url),
        'WAREHOUSE_SCHEMA': 'github',
        'GITHUB_API_URL': simulator.url,
        'COMPANIES': 'acme,ada',
    }
    for arguments in (
        ['migrate'],
        ['ingest', '--as-of', '2026-03-01'],
        ['ingest', '--as-of', '2026-03-02'],
        ['audit'],
        ['companies'],
        ['untrack', 'ada'],
        ['track', 'ada'],
        ['report'],
        ['export', 'company_daily'],
        ['export', 'trending_repos', '--format', 'json'],
        ['psql', '-c', 'select count(*) from repo_snapshots'],
        ['migrate'],
    ):
        done = command(*arguments, **given)
        assert done.returncode == 0, (arguments, done.stderr)
        shown = done.stdout + done.stderr
        assert 'shared on a socket, schema github' in shown
    assert _rows(url, 'select * from public.repos') == [('theirs',)]
    after = _rows(url, _EVERYTHING)
    assert [row for row in after if row[0] == 'public'] == before
    assert {row[0] for row in after} == {'github', 'public'}
    assert _rows(url, 'select count(*) from github.repo_snapshots') == [(30,)]


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """A small simulated GitHub."""
    with serve('acme:12,ada:3:user', 'postgresql:///unused') as runs:
        yield runs.simulator


def test_psql_keeps_the_options_of_the_environment(
    empty_url: str, command: Command
) -> None:
    done = command(
        *('psql', '-Atc', 'show search_path', '-c', 'show statement_timeout'),
        WAREHOUSE_URL=empty_url,
        WAREHOUSE_SCHEMA='github',
        PGOPTIONS='-c statement_timeout=1h',
    )
    assert done.stdout == 'github\n1h\n'


def test_a_role_without_rights_is_told_what_to_grant(
    own_server_url: str,
) -> None:
    execute(own_server_url, 'create role github_owner login')
    url = _as('github_owner', own_server_url)
    before = _rows(own_server_url, _EVERYTHING)
    with pytest.raises(DatabaseError) as refused:
        _migrate(url, 'github')
    (grant,) = str(refused.value).split('`')[1::2]
    assert grant == 'create schema github authorization github_owner'
    assert _rows(own_server_url, _EVERYTHING) == before
    execute(own_server_url, 'create schema github')
    with pytest.raises(DatabaseError) as refused:
        _migrate(url, 'github')
    (grant,) = str(refused.value).split('`')[1::2]
    execute(own_server_url, grant)
    assert _migrate(url, 'github')[-1].startswith('rebuilt')


@pytest.mark.parametrize('schema', ['public', 'github'])
@pytest.mark.parametrize(
    'theirs',
    [
        'table {}.repos (id text)',
        'view {}.trending_repos as select 1 as one',
        'materialized view {}.alerts as select 1 as one',
        "type {}.runs as enum ('theirs')",
    ],
)
def test_a_schema_of_another_program_is_refused(
    empty_url: str, command: Command, schema: str, theirs: str
) -> None:
    execute(empty_url, f'create schema if not exists {schema}')
    execute(empty_url, f'create {theirs.format(schema)}')
    before = _rows(empty_url, _EVERYTHING)
    done = command('migrate', WAREHOUSE_URL=empty_url, WAREHOUSE_SCHEMA=schema)
    assert done.returncode == 2
    assert 'of another program: set WAREHOUSE_SCHEMA' in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert _rows(empty_url, _EVERYTHING) == before


def test_migrations_of_another_program_are_not_mixed_with_ours(
    empty_url: str,
) -> None:
    """It uses yoyo, too; the table of a first migration of ours is empty."""
    for statement in (
        'create table _yoyo_migration (migration_id text)',
        "insert into _yoyo_migration values ('0001.theirs')",
        'create table yoyo_lock (pid int)',
        'insert into yoyo_lock values (1)',
    ):
        execute(empty_url, statement)
    before = _rows(empty_url, _EVERYTHING)
    with pytest.raises(UsageError, match='has _yoyo_migration of another'):
        _migrate(empty_url)
    assert _rows(empty_url, _EVERYTHING) == before
    assert _rows(empty_url, 'select * from yoyo_lock') == [(1,)]


def test_a_statement_in_a_message_can_be_run_for_any_name(
    own_server_url: str,
) -> None:
    execute(own_server_url, 'create role "git-owner" login')
    url = _as('git-owner', own_server_url)
    with pytest.raises(DatabaseError) as refused:
        _migrate(url, 'user')
    execute(own_server_url, str(refused.value).split('`')[1])
    assert _migrate(url, 'user')[-1].startswith('rebuilt')
    with pytest.raises(UsageError) as moved:
        _migrate(url, 'order')
    execute(own_server_url, str(moved.value).split('`')[1])
    assert _migrate(own_server_url, 'order') == []


@pytest.mark.parametrize(
    ('first', 'second', 'statement'),
    [
        ('public', 'github', ''),
        ('github', 'public', ''),
        ('github', 'other', ''),
        # an existing schema is not enough if something is in it
        ('github', 'other', 'create schema other create table others (x int)'),
    ],
)
def test_a_changed_schema_is_refused_on_a_filled_warehouse(
    empty_url: str, command: Command, first: str, second: str, statement: str
) -> None:
    _migrate(empty_url, first)
    if statement:
        execute(empty_url, statement)
    before = _rows(empty_url, _EVERYTHING)
    given = {'WAREHOUSE_URL': empty_url, 'WAREHOUSE_SCHEMA': second}
    for name in ('migrate', 'ingest', 'status'):
        done = command(name, **given)
        assert done.returncode == 2, done.stderr
    done = command('migrate', **given)
    assert f'is in schema {first}, not in {second}' in done.stderr
    # public and `other` exist
    is_renamed = f'`alter schema {first} rename to {second}`' in done.stderr
    assert is_renamed == (second != 'public' and not statement)
    assert _rows(empty_url, _EVERYTHING) == before


def test_a_schema_is_renamed_with_its_warehouse(warehouse_url: str) -> None:
    with serve('acme:12,ada:3:user', warehouse_url) as runs:
        runs.run()
        with pytest.raises(UsageError) as refused:
            _migrate(warehouse_url, 'github')
        rename = str(refused.value).split('`')[1]
        execute(warehouse_url, rename)
        execute(warehouse_url, 'create schema public')
        assert _migrate(warehouse_url, 'github') == []
        runs.next_day()
        with _opened(warehouse_url, 'github') as warehouse:
            _ingest(warehouse, runs.settings, runs.world.today)
            with connect(warehouse) as connection:
                assert audit_stored(connection, 30) == []
    assert _rows(
        warehouse_url, 'select count(*) from github.repo_snapshots'
    ) == [(30,)]


def test_an_embedded_warehouse_keeps_its_schema(
    folder: Path, command: Command
) -> None:
    given = {'WAREHOUSE_DIR': str(folder / 'warehouse')}
    assert (
        command('migrate', WAREHOUSE_SCHEMA='github', **given).returncode == 0
    )
    for name in ('migrate', 'ingest', 'status', 'audit'):
        done = command(name, **given)
        assert done.returncode == 2, done.stderr
        assert 'set WAREHOUSE_SCHEMA=github' in done.stderr
    done = command('audit', WAREHOUSE_SCHEMA='github', **given)
    assert done.returncode == 0, done.stderr


def _ingest(warehouse: Warehouse, settings: Settings, day: Any) -> int:
    as_of = datetime.combine(day, time(), UTC)
    result = ingest(warehouse, settings, RunOptions(as_of=as_of))
    return result.written.snapshots_fresh


def test_two_warehouses_of_one_database_ingest_at_once(
    empty_url: str,
) -> None:
    """One holds its lock for writing while the other runs."""
    _migrate(empty_url)
    execute(empty_url, 'create schema github')
    _migrate(empty_url, 'github')
    with (
        serve('acme:24,ada:4:user', empty_url) as runs,
        _opened(empty_url) as one,
        _opened(empty_url, 'github') as other,
    ):
        assert one.lock_file != other.lock_file
        with connect(other) as blocking, transaction(blocking) as cursor:
            cursor.execute(
                'select pg_advisory_xact_lock(hashtext(%s))',
                (lock_name(blocking, 'ingest'),),
            )
            assert _ingest(one, runs.settings, runs.world.today) == 28
        for _ in range(3):
            runs.next_day()
            _ingest_at_once(runs.settings, runs.world.today, one, other)
        for warehouse in (one, other):
            with connect(warehouse) as connection:
                assert audit_stored(connection, 30) == []
    for schema, days in (('public', 4), ('github', 3)):
        assert _rows(
            empty_url,
            'select count(*), count(distinct snapshot_date)'
            f' from {schema}.repo_snapshots',
        ) == [(28 * days, days)]


def _ingest_at_once(
    settings: Settings, day: Any, *warehouses: Warehouse
) -> None:
    fresh: list[int] = []
    threads = [
        threading.Thread(
            target=lambda each=each: fresh.append(_ingest(each, settings, day))
        )
        for each in warehouses
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert fresh == [28, 28]


def test_a_run_and_an_older_version_exclude_each_other(
    warehouse_url: str,
) -> None:
    """In `public`, locks are named as in earlier versions."""
    with closing(
        psycopg2.connect(warehouse_url, connection_factory=Connection)
    ) as connection:
        assert lock_name(connection, 'ingest') == 'github-warehouse ingest'
        assert lock_name(connection, 'migrate') == 'github-warehouse migrate'
    with _opened(warehouse_url) as warehouse:
        other = replace(warehouse, schema='github')
        with connect(other) as connection:
            assert lock_name(connection, 'ingest') != 'github-warehouse ingest'


_GRANTED = """
    select count(*)
    from pg_class
    where
        relnamespace = 'github'::regnamespace
        and relkind in ('r', 'p', 'v')
        and has_table_privilege('{0}', oid, 'select')
        and not has_table_privilege('{0}', oid, 'insert, update, delete')
"""


def test_readers_are_granted_by_every_migrate(
    own_server_url: str, command: Command, capfd: pytest.CaptureFixture[str]
) -> None:
    """Also those that are created later, and those that lost a grant."""
    for role in ('metabase_ro', 'warehouse_reader', 'stranger'):
        execute(own_server_url, f'create role {role} login')
    readers = 'metabase_ro,grafana'
    assert _migrate(own_server_url, 'github', readers)
    shown = capfd.readouterr()
    warned = [
        line
        for line in (shown.out + shown.err).splitlines()
        if 'does not exist' in line
    ]
    assert len(warned) == 1 and 'grafana' in warned[0]
    execute(own_server_url, 'create role grafana login')
    execute(
        own_server_url,
        'revoke select on github.trending_repos from metabase_ro',
    )
    assert _migrate(own_server_url, 'github', readers) == []
    for role in ('metabase_ro', 'grafana', 'warehouse_reader'):
        granted = _rows(own_server_url, _GRANTED.format(role))
        assert granted == [(len(readable()),)]
        url = _as(role, own_server_url)
        assert _rows(url, 'select * from github.trending_repos') == []
        for refused in (
            'select from github.repos',
            'create table github.x ()',
        ):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                execute(url, refused)
    assert _rows(own_server_url, _GRANTED.format('stranger')) == [(0,)]
    grafana = _as('grafana', own_server_url)
    given = {'WAREHOUSE_URL': grafana, 'WAREHOUSE_SCHEMA': 'github'}
    exported = command('export', 'company_days', **given)
    assert exported.returncode == 0, exported.stderr
    assert exported.stdout.startswith('company_id,')
    unknown = command('export', 'company_days', '--company', 'acme', **given)
    assert 'has no company acme' in unknown.stderr
    given['WAREHOUSE_URL'] = _as('stranger', own_server_url)
    denied = command('export', 'company_days', **given)
    assert denied.returncode != 0 and 'Traceback' not in denied.stderr


@pytest.mark.parametrize(
    ('reader', 'statement'),
    [
        ('github_owner', ''),
        ('root', 'create role root superuser'),
        ('friend', 'create role friend in role github_owner'),
    ],
)
def test_a_reader_that_can_write_is_refused(
    own_server_url: str, command: Command, reader: str, statement: str
) -> None:
    execute(own_server_url, 'create role github_owner login')
    execute(own_server_url, 'create role metabase_ro')
    execute(own_server_url, 'create schema github authorization github_owner')
    if statement:
        execute(own_server_url, statement)
    done = command(
        'migrate',
        WAREHOUSE_URL=_as('github_owner', own_server_url),
        WAREHOUSE_SCHEMA='github',
        WAREHOUSE_READERS=f'metabase_ro,{reader}',
    )
    assert done.returncode == 2
    assert f'{reader} in WAREHOUSE_READERS' in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert _rows(own_server_url, _EVERYTHING) == []


def test_a_role_that_does_not_own_the_warehouse_cannot_migrate_it(
    own_server_url: str,
) -> None:
    for role in ('github_owner', 'stranger'):
        execute(own_server_url, f'create role {role} login')
    execute(own_server_url, 'create schema github authorization github_owner')
    _migrate(_as('github_owner', own_server_url), 'github')
    execute(own_server_url, 'grant all on schema github to stranger')
    with pytest.raises(DatabaseError, match='migrate as github_owner$'):
        _migrate(_as('stranger', own_server_url), 'github')
    assert _migrate(own_server_url, 'github') == []


def test_a_role_that_is_set_to_the_owner_sees_what_blocks_it(
    own_server_url: str,
) -> None:
    """Its sessions belong to it, not to the role that it is set to."""
    for statement in (
        'create role github_owner',
        'create role service login in role github_owner',
        'alter role service set role to github_owner',
        'create schema github authorization github_owner',
    ):
        execute(own_server_url, statement)
    url = _as('service', own_server_url)
    assert _migrate(url, 'github')[-1].startswith('rebuilt')
    with _opened(url, 'github') as warehouse:
        with (
            closing(psycopg2.connect(url)) as blocking,
            closing(blocking.cursor()) as cursor,
            pytest.raises(RunInProgressError, match='user service'),
            connect(warehouse, look_seconds=0.2) as connection,
            connection.cursor() as waiting,
        ):
            cursor.execute('select pg_advisory_lock(1)')
            waiting.execute("set lock_timeout to '2s'")
            waiting.execute('select pg_advisory_lock(1)')


def test_a_schema_owner_is_asked_for_grants_that_only_it_can_make(
    own_server_url: str, command: Command
) -> None:
    execute(own_server_url, 'create role github_owner login')
    execute(own_server_url, 'create role metabase_ro')
    execute(own_server_url, 'create schema github')
    execute(
        own_server_url, 'grant usage, create on schema github to github_owner'
    )
    given = {
        'WAREHOUSE_URL': _as('github_owner', own_server_url),
        'WAREHOUSE_SCHEMA': 'github',
        'WAREHOUSE_READERS': 'metabase_ro',
    }
    done = command('migrate', **given)
    assert done.returncode == 0, done.stderr
    grant = 'grant usage on schema github to metabase_ro'
    assert f'`{grant}`' in done.stderr
    execute(own_server_url, grant)
    assert 'metabase_ro' not in command('migrate', **given).stderr
