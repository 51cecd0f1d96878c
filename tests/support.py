"""Helpers shared by tests of several folders."""

import os
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest

from github_warehouse.config import DEFAULT_SCHEMA
from github_warehouse.github.clock import Clock
from github_warehouse.warehouse.connection import Connection, Warehouse

_LOCKS = tempfile.TemporaryDirectory(prefix='warehouse-test-')
AS_ROOT = pytest.mark.skipif(
    os.geteuid() != 0, reason='needs root: the test acts as another account'
)
SHARED_DATA = Path(__file__).parents[2] / 'shared' / 'data'
NEEDS_SHARED_DATA = (
    "needs ../shared/data: GitHub's recorded answers and schemas, which are "
    'not part of the repository'
)


def database_url(server_url: str, name: str) -> str:
    """Return the URL of another database on the same server."""
    return urlunsplit(urlsplit(server_url)._replace(path=f'/{name}'))


def schema() -> str:
    """Return the schema that the tests use: TEST_SCHEMA, or public."""
    return os.environ.get('TEST_SCHEMA', DEFAULT_SCHEMA)


def open_database(url: str, **parameters: Any) -> Connection:
    """Connect to a database, with the schema of the tests as search path."""
    connection: Connection = psycopg2.connect(
        url, connection_factory=Connection, **parameters
    )
    connection.schema = schema()
    if connection.schema != DEFAULT_SCHEMA:
        with connection, connection.cursor() as cursor:
            cursor.execute(f'set search_path to {connection.schema}')
    return connection


def execute(url: str, statement: str) -> None:
    """Run one statement in autocommit mode."""
    with closing(open_database(url)) as connection:
        connection.autocommit = True
        with closing(connection.cursor()) as cursor:
            cursor.execute(statement)


def outdate(url: str, *views: str) -> None:
    """Let the next migration rebuild views and contract relations."""
    for view in views:
        execute(
            url,
            'update warehouse_properties set property_value = replace('
            f"property_value, '\"{view}\": \"', '\"{view}\": \"not ')",
        )


def mode_of(path: Path) -> int:
    """Return the permissions of a file, without following a link."""
    return path.lstat().st_mode & 0o777


def server_setting(url: str, name: str) -> str:
    """Return the current value of a PostgreSQL setting."""
    with closing(open_database(url)) as connection:
        with closing(connection.cursor()) as cursor:
            cursor.execute('select current_setting(%s)', (name,))
            (value,) = cursor.fetchone() or ('',)
            return str(value)


def warehouse_at(url: str) -> Warehouse:
    """Return the warehouse at a URL, with a lock file for tests."""
    name = urlsplit(url).path.lstrip('/')
    lock_file = Path(_LOCKS.name) / f'{name}.lock'
    return Warehouse(url, url, name, lock_file, schema=schema())


class SimulatedClock(Clock):
    """A clock whose waits take no time and are recorded.

    Attributes:
        waits: simulated duration of each wait, in seconds.
    """

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []
        self._now = 1_772_323_200.0
        self._lock = threading.Lock()

    def time(self) -> float:
        """Return the simulated time, in seconds since 1970 UTC."""
        return self._now

    def monotonic(self) -> float:
        """Return the simulated time, as a monotonic clock."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Advance the time and record the wait."""
        if seconds <= 0:
            return
        until = self._now + seconds
        with self._lock:
            self.waits.append(seconds)
            self._now = max(self._now, until)

    def set_to_now(self) -> None:
        """Set the clock to the time of this machine."""
        self._now = time.time()

    def advance(self, seconds: float) -> None:
        """Advance the time without a wait."""
        self._now += seconds

    def stop(self) -> None:
        """Do nothing: the next run uses the same clock."""
