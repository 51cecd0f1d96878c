"""A hosted PostgreSQL that sleeps, closes idle connections and uses TLS."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from cli.conftest import environment
from github_simulator import Simulator
from github_warehouse.errors import DatabaseError
from github_warehouse.ingest import ingest
from github_warehouse.run_result import RunOptions
from github_warehouse.warehouse.connection import connect
from github_warehouse.warehouse.migrate import migrate
from hosted import Proxy
from simulated import Runs
from support import warehouse_at

ROOT = Path(__file__).parents[2]


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for localhost with its key, in one file."""
    if shutil.which('openssl') is None:
        pytest.skip('needs openssl: it makes the certificate of a server')
    key, made = tmp_path / 'key.pem', tmp_path / 'certificate.pem'
    subprocess.run(
        ['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes']
        + ['-days', '2', '-subj', '/CN=localhost']
        + ['-addext', 'subjectAltName=DNS:localhost']
        + ['-keyout', str(key), '-out', str(made)],
        check=True,
        capture_output=True,
    )
    both = tmp_path / 'both.pem'
    both.write_text(key.read_text() + made.read_text())
    return both


def _ingest(runs: Runs, url: str) -> int:
    result = ingest(
        warehouse_at(url),
        replace(runs.settings, warehouse_url=url),
        RunOptions(as_of=None),
    )
    return result.written.snapshots_fresh


def test_a_server_that_wakes_in_ten_seconds_is_waited_for(
    empty_url: str,
) -> None:
    with Proxy(empty_url, first_delay_seconds=10) as proxy:
        with connect(warehouse_at(proxy.url())):
            assert proxy.connections == 1
        assert migrate(warehouse_at(proxy.url()))


def test_a_server_that_closes_connections_while_waking_is_retried(
    empty_url: str,
) -> None:
    with Proxy(empty_url, refused=3) as proxy:
        assert migrate(warehouse_at(proxy.url()))
        # a slow machine connects once more, to look who blocks
        assert proxy.connections >= 4


def test_a_server_that_never_wakes_is_reported(empty_url: str) -> None:
    with Proxy(empty_url, refused=99) as proxy:
        with pytest.raises(DatabaseError, match='closed the connection'):
            with connect(warehouse_at(proxy.url())):
                pass
        # a slow machine connects once more, to look who blocks
        assert proxy.connections >= 4


def test_no_connection_is_open_while_github_is_read(runs: Runs) -> None:
    """Reading takes longer than the idle timeout."""
    slow = Simulator(runs.world, latency_seconds=0.8)
    with slow, Proxy(runs.url, idle_seconds=2) as proxy:
        runs.settings = replace(runs.settings, api_url=slow.url, concurrency=1)
        assert _ingest(runs, proxy.url()) == 28
        (seconds,) = runs.query(
            'select extract(epoch from max(finished_at - started_at))'
            ' from pipeline_runs'
        )[0]
        assert seconds > 3
        assert proxy.cut == 0


def test_only_migrations_use_the_direct_endpoint(
    empty_url: str, tmp_path: Path
) -> None:
    with Proxy(empty_url) as pooled, Proxy(empty_url) as direct:
        given = {
            'WAREHOUSE_URL': pooled.url(),
            'WAREHOUSE_MIGRATION_URL': direct.url(),
        }
        used = []
        for command in ('migrate', 'companies'):
            done = subprocess.run(
                [sys.executable, '-m', 'github_warehouse', command],
                env=environment(**given),
                cwd=tmp_path,
                capture_output=True,
                text=True,
            )
            assert done.returncode == 0, done.stderr
            used.append((direct.connections > 0, pooled.connections > 0))
            direct.connections = pooled.connections = 0
        # a slow migration opens a second connection to find what blocks it
        assert used == [(True, False), (False, True)]


def test_tls_follows_the_url(empty_url: str, certificate: Path) -> None:
    with Proxy(empty_url, certificate=certificate) as proxy:
        checked = f'sslmode=verify-full&sslrootcert={certificate}'
        for host, query in (
            ('localhost', checked),
            ('127.0.0.1', 'sslmode=require'),
        ):
            with connect(warehouse_at(proxy.url(host, query))) as connection:
                assert connection.info.ssl_in_use
        with pytest.raises(DatabaseError, match='does not match host name'):
            with connect(warehouse_at(proxy.url('127.0.0.1', checked))):
                pass
        with pytest.raises(DatabaseError, match='root certificate'):
            with connect(
                warehouse_at(proxy.url('localhost', 'sslmode=verify-full'))
            ):
                pass


def test_a_required_tls_connection_is_refused_without_tls(
    empty_url: str,
) -> None:
    with Proxy(empty_url) as proxy:
        with pytest.raises(DatabaseError, match='does not support SSL'):
            with connect(warehouse_at(proxy.url(query='sslmode=require'))):
                pass


def _workflow_step(
    folder: Path, **given: str
) -> subprocess.CompletedProcess[str]:
    """Run the step of ingest.yml in its environment."""
    command = folder / '.venv' / 'bin' / 'github-warehouse'
    command.parent.mkdir(parents=True, exist_ok=True)
    command.write_text(
        f'#!/bin/sh\nexec {sys.executable} -m github_warehouse "$@"\n'
    )
    command.chmod(0o755)
    return subprocess.run(
        [str(ROOT / 'scripts' / 'scheduled-ingest')],
        cwd=folder,
        env=environment(CI='true', LOG_FORMAT='json', **given),
        capture_output=True,
        text=True,
    )


def test_the_step_of_the_workflow_migrates_ingests_and_keeps_a_log(
    runs: Runs, empty_url: str, certificate: Path, tmp_path: Path
) -> None:
    runs.clock.set_to_now()
    with Proxy(empty_url, certificate=certificate) as proxy:
        given = {
            'WAREHOUSE_URL': proxy.url(
                'localhost',
                f'sslmode=verify-full&sslrootcert={certificate}',
            ),
            'DIRECT': '',
            'GITHUB_API_URL': runs.settings.api_url,
            'GITHUB_TOKEN': 'simulated-token',
            'COMPANIES': ','.join(runs.settings.companies),
        }
        done = _workflow_step(tmp_path, LOGINS='', FULL='', **given)
        assert done.returncode == 0, done.stdout + done.stderr
        log = (tmp_path / 'ingest.log').read_text()
        assert 'applied 0001.dimensions' in log
        assert '2 companies; 28 snapshots fresh' in log
        first = runs.settings.companies[0]
        again = _workflow_step(
            tmp_path, LOGINS=f'{first}, {first}', FULL='--full', **given
        )
        assert again.returncode == 0, again.stdout
        assert '1 company;' in again.stdout
        odd = _workflow_step(
            tmp_path, LOGINS='$(touch owned); --help', FULL='', **given
        )
        assert odd.returncode == 2
        assert not (tmp_path / 'owned').exists()


def test_a_missing_secret_is_refused(tmp_path: Path) -> None:
    done = _workflow_step(tmp_path, WAREHOUSE_URL='', DIRECT='')
    assert done.returncode == 2
    assert 'WAREHOUSE_URL is set but empty' in done.stdout
    assert sorted(os.listdir(tmp_path)) == ['.venv', 'ingest.log']
