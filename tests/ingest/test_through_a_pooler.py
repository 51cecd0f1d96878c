"""Runs through a transaction pooler: nothing relies on a session."""

import os
import pwd
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg2
import pytest

from github_simulator import faults
from github_warehouse.errors import RunInProgressError
from github_warehouse.ingest import ingest
from github_warehouse.run_result import RunOptions
from simulated import Runs
from support import open_database, warehouse_at

pytestmark = pytest.mark.skipif(
    shutil.which('pgbouncer') is None, reason='needs pgbouncer: the pooler'
)

_CONFIGURATION = """\
[databases]
{name} = host={host} port={port} user={user} {password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen_port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
"""


def _free_port() -> int:
    with closing(socket.socket()) as listener:
        listener.bind(('127.0.0.1', 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def pooled_url(runs: Runs, tmp_path: Path) -> Iterator[str]:
    """The URL of the same warehouse through a transaction pooler."""
    parts = urlsplit(runs.url)
    name, port = parts.path.lstrip('/'), _free_port()
    host = parse_qs(parts.query).get('host', [parts.hostname or ''])[0]
    configuration = tmp_path / 'pgbouncer.ini'
    configuration.write_text(
        _CONFIGURATION.format(
            name=name,
            host=host,
            port=parts.port or 5432,
            user=parts.username,
            password=f'password={parts.password}' if parts.password else '',
            listen_port=port,
        )
    )
    command = ['pgbouncer', str(configuration)]
    if os.getuid() == 0:
        # pgbouncer refuses to run as root; the owner of the socket may use it
        owner = pwd.getpwuid(Path(host).stat().st_uid).pw_name
        command = ['pgbouncer', '-u', owner, str(configuration)]
        for folder in (tmp_path, *tmp_path.parents[:3]):
            folder.chmod(0o755)
    url = f'postgresql://{parts.username}@127.0.0.1:{port}/{name}'
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as pooler:
        try:
            _wait_for(url)
            yield url
        finally:
            pooler.terminate()


def _wait_for(url: str) -> None:
    for _ in range(100):
        try:
            open_database(url).close()
            return
        except psycopg2.OperationalError:
            time.sleep(0.05)
    raise AssertionError('the pooler does not answer')


def test_days_are_recorded_through_a_pooler(
    runs: Runs, pooled_url: str
) -> None:
    pooled = replace(runs, url=pooled_url)
    for _ in range(3):
        assert pooled.run().unread == []
        runs.next_day()
    assert runs.query(
        'select count(distinct snapshot_date) from repo_snapshots'
    ) == [(3,)]


def test_one_of_two_concurrent_runs_is_refused(
    runs: Runs, pooled_url: str
) -> None:
    pooled = replace(runs, url=pooled_url)
    pooled.run()
    runs.next_day()
    runs.simulator.faults.add(faults.hang(1.5, text='"acme"', last=1))
    refused: list[RunInProgressError] = []

    def slow() -> None:
        try:
            pooled.run()
        except RunInProgressError as error:
            refused.append(error)

    first = threading.Thread(target=slow)
    first.start()
    while runs.simulator.requests['graphql:repositories'] <= 2:
        time.sleep(0.01)
    elsewhere = warehouse_at(pooled_url)
    lock_file = elsewhere.lock_file.with_suffix('.elsewhere')
    ingest(
        replace(elsewhere, lock_file=lock_file),
        runs.settings,
        RunOptions(),
    )
    first.join()
    assert [error.exit_code for error in refused] == [75]
    assert runs.query('select count(*) from pipeline_runs') == [(2,)]
