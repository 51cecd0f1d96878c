"""Fixtures: a real PostgreSQL, and a separate warehouse for each test."""

import itertools
import os
import tempfile
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg2
import pytest

from github_warehouse.config import DEFAULT_SCHEMA, read_settings
from github_warehouse.warehouse.connection import Connection
from github_warehouse.warehouse.embedded import embedded_server
from github_warehouse.warehouse.migrate import migrate
from support import database_url, execute, open_database, schema, warehouse_at

_NUMBERS = itertools.count(1)
# Process numbers can be equal in different containers.
_OURS = f'github_warehouse_test_{uuid.uuid4().hex[:8]}'
_SETTINGS = ('WAREHOUSE_', 'GITHUB_', 'COMPANIES', 'RETENTION_DAYS', 'LOG_')


def pytest_report_header() -> str:
    """Report which PostgreSQL the tests use."""
    named = _named_server()
    if named is None:
        return f'warehouse: embedded PostgreSQL, schema {schema()}'
    with closing(psycopg2.connect(named)) as connection:
        version = connection.get_parameter_status('server_version')
    parts = urlsplit(named)
    return (
        f'warehouse: PostgreSQL {version} on {parts.hostname}, as '
        f'{parts.username}, schema {schema()}'
    )


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter,
) -> None:
    """Report the number of skipped tests by reason."""
    reasons = Counter(
        report.longrepr[2].removeprefix('Skipped: ')
        for report in terminalreporter.getreports('skipped')
    )
    if reasons:
        terminalreporter.section(f'{reasons.total()} skipped')
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f'{count:5}  {reason}')


@pytest.fixture(scope='session')
def server_url() -> Iterator[str]:
    """The test server: the one in the WAREHOUSE_* settings, or embedded.

    It is not in pytest's own folder: every start of pytest makes that folder
    private, and as root the server runs as another user.
    """
    named = _named_server()
    if named is not None:
        yield named
        return
    with (
        tempfile.TemporaryDirectory(prefix='warehouse-test-') as directory,
        embedded_server(Path(directory)) as url,
    ):
        execute(url, 'alter system set fsync = off')
        execute(url, 'select pg_reload_conf()')
        yield url


@pytest.fixture
def own_server_url() -> Iterator[str]:
    """A separate server for one test, connected as its superuser."""
    with (
        tempfile.TemporaryDirectory(prefix='warehouse-test-') as directory,
        embedded_server(Path(directory)) as url,
    ):
        yield url


@pytest.fixture(scope='session')
def templates(server_url: str) -> Iterator[dict[str, str]]:
    """The databases to copy by schema; `template` adds them."""
    made: dict[str, str] = {}
    try:
        yield made
    finally:
        for name in made.values():
            _drop_database(server_url, name)


@pytest.fixture
def template(server_url: str, templates: dict[str, str]) -> str:
    """The name of a migrated, empty warehouse to copy."""
    if schema() not in templates:
        name = templates[schema()] = f'{_OURS}_{schema()}'
        execute(server_url, f'create database {name}')
        migrate(warehouse_at(database_url(server_url, name)))
    return templates[schema()]


@pytest.fixture(params=['public', 'github'])
def each_schema(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run a test with the warehouse in `public`, and in another schema."""
    monkeypatch.setenv('TEST_SCHEMA', request.param)
    monkeypatch.setenv('WAREHOUSE_SCHEMA', request.param)


@pytest.fixture
def empty_url(server_url: str) -> Iterator[str]:
    """The URL of an empty database."""
    yield from _scratch_database(server_url, 'template1')


@pytest.fixture
def warehouse_url(server_url: str, template: str) -> Iterator[str]:
    """The URL of a migrated, empty warehouse."""
    yield from _scratch_database(server_url, template)


@pytest.fixture
def second_warehouse_url(server_url: str, template: str) -> Iterator[str]:
    """The URL of another migrated, empty warehouse."""
    yield from _scratch_database(server_url, template)


@pytest.fixture
def new_warehouse(
    server_url: str, template: str
) -> Callable[[], AbstractContextManager[str]]:
    """A function that creates migrated, empty warehouses."""
    make = contextmanager(_scratch_database)
    return lambda: make(server_url, template)


@pytest.fixture
def database(warehouse_url: str) -> Iterator[Connection]:
    """A connection to a migrated, empty warehouse."""
    with closing(open_database(warehouse_url)) as connection:
        yield connection


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the settings of the user who runs the tests, and any proxy.

    The simulated GitHub is on localhost, which a proxy cannot reach.
    """
    for name in list(os.environ):
        if name.startswith(_SETTINGS):
            monkeypatch.delenv(name)
    if schema() != DEFAULT_SCHEMA:
        monkeypatch.setenv('WAREHOUSE_SCHEMA', schema())
    for name in ('NO_PROXY', 'no_proxy'):
        monkeypatch.setenv(name, '127.0.0.1,localhost')


def _named_server() -> str | None:
    """Return the server of the settings, with the password not in the URL.

    pytest shows the URLs that a failing test used.
    """
    environment = {k: v for k, v in os.environ.items() if k != 'CI'}
    named = read_settings(environment).warehouse_url
    if named is None:
        return None
    parts = urlsplit(named)
    if parts.password:
        os.environ['PGPASSWORD'] = unquote(parts.password)
    user = f'{parts.username}@' if parts.username else ''
    host = parts.netloc.rpartition('@')[2]
    return parts._replace(netloc=user + host).geturl()


def _scratch_database(server_url: str, template: str) -> Iterator[str]:
    name = f'{_OURS}_{next(_NUMBERS)}'
    execute(server_url, f'create database {name} template {template}')
    try:
        yield database_url(server_url, name)
    finally:
        _drop_database(server_url, name)


def _drop_database(server_url: str, name: str) -> None:
    """Drop a database that is in use, also without superuser rights.

    `drop database ... with (force)` fails for such a role while autovacuum
    is connected.
    """
    execute(
        server_url,
        'select pg_terminate_backend(pid) from pg_stat_activity'
        f" where datname = '{name}' and usename = current_user",
    )
    execute(server_url, f'drop database {name}')
