"""Limits on files, memory and disks: a one-line error and no lost rows."""

import os
import resource
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import date
from pathlib import Path

import pytest

from cli.conftest import environment
from github_simulator import Simulator, World, parse_accounts
from github_warehouse.warehouse.embedded import embedded_server
from support import open_database

_COUNTS = """
    select
        (select count(*) from repo_snapshots),
        (
            select count(*)
            from pipeline_runs
            where status <> 'failed'
        )
"""
# Python then reports files whose last bytes were not written
_REPORT_UNWRITTEN = {'PYTHONDEVMODE': '1', 'PYTHONWARNINGS': 'ignore'}
Ingest = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def ingest(simulator: Simulator) -> Ingest:
    """A function that ingests the world's day in a process with limits."""

    def run(
        *limits: tuple[int, int], command: str = 'ingest', **settings: str
    ) -> subprocess.CompletedProcess[str]:
        def limit() -> None:
            for kind, value in limits:
                resource.setrlimit(kind, (value, value))

        given = {
            'GITHUB_API_URL': simulator.url,
            'GITHUB_TOKEN': 'simulated-token',
            'COMPANIES': 'acme,ada',
            **settings,
        }
        as_of = ('--as-of', '2026-03-01T00:00:00Z')
        return subprocess.run(
            [sys.executable, '-m', 'github_warehouse', command]
            + list(as_of if command == 'ingest' else ()),
            # files of coverage and of Python would be truncated, too
            env={
                name: value
                for name, value in environment(**given).items()
                if not name.startswith('COVERAGE_')
            }
            | {'PYTHONDONTWRITEBYTECODE': '1'},
            preexec_fn=limit,
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """A simulated GitHub that is large enough to fill small disks."""
    world = World.generate(
        parse_accounts('acme:400,ada:9:user'), today=date(2026, 3, 1)
    )
    with Simulator(world) as simulator:
        yield simulator


def _counts(url: str) -> tuple[int, int]:
    with closing(open_database(url)) as connection:
        with closing(connection.cursor()) as cursor:
            cursor.execute(_COUNTS)
            snapshots, runs = cursor.fetchone() or (0, 0)
            return snapshots, runs


def _check(
    done: subprocess.CompletedProcess[str], url: str, public: int
) -> str:
    """Check for an error and no rows, all rows, or a reported part."""
    lines = done.stderr.strip().splitlines()
    assert 'Traceback' not in done.stderr, done.stderr
    assert 'Exception ignored' not in done.stderr, done.stderr
    snapshots, runs = _counts(url)
    if done.returncode == 0:
        assert (snapshots, runs) == (public, 1)
        return 'written'
    assert done.returncode == 1, done.stderr
    if runs:
        assert lines[-1].partition(':')[0] in ('acme', 'ada'), done.stderr
        return 'written in part'
    assert lines[-1].startswith('github-warehouse: '), done.stderr
    assert snapshots == 0
    return 'refused'


def _public(simulator: Simulator) -> int:
    repositories = simulator.world.repositories.values()
    return sum(each.is_public for each in repositories)


def _limits(kind: str, number: int) -> tuple[int, int]:
    if kind == 'files':
        return resource.RLIMIT_NOFILE, (16, 12, 20, 24, 9)[number % 5]
    if kind == 'spool':
        return resource.RLIMIT_FSIZE, (4096, 0, 65536)[number % 3]
    return resource.RLIMIT_AS, (85 + 3 * (number % 40)) * 2**20


@pytest.mark.parametrize(
    'times', [3, pytest.param(100, marks=pytest.mark.long)]
)
@pytest.mark.parametrize('kind', ['files', 'memory', 'spool'])
def test_an_operating_system_limit_fails_the_run_and_loses_no_row(
    ingest: Ingest,
    simulator: Simulator,
    new_warehouse: Callable[[], AbstractContextManager[str]],
    kind: str,
    times: int,
) -> None:
    counted: Counter[str] = Counter()
    for number in range(times):
        limit = _limits(kind, number if times > 3 else number * 13)
        if ingest(limit, command='--version').returncode:
            counted['Python itself does not start'] += 1
            continue
        with new_warehouse() as url:
            public = _public(simulator)
            says = _REPORT_UNWRITTEN if kind == 'spool' else {}
            done = ingest(limit, WAREHOUSE_URL=url, **says)
            counted[_check(done, url, public)] += 1
            again = ingest(WAREHOUSE_URL=url)
            assert again.returncode == 0, again.stderr
            assert _counts(url)[0] == public
    print(f'{times} limits of {kind}: {dict(counted)}')


@contextmanager
def _small_disk(folder: Path, size: str) -> Iterator[None]:
    """Mount a file system of the given size; needs root."""
    folder.mkdir()
    mounted = subprocess.run(
        ['mount', '-t', 'tmpfs', '-o', f'size={size}', 'tmpfs', str(folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip('needs root: it mounts a small disk')
    try:
        yield
    finally:
        subprocess.run(['umount', '-l', str(folder)], check=True)


def test_a_full_spool_disk_fails_the_run_and_loses_no_row(
    ingest: Ingest, simulator: Simulator, warehouse_url: str, tmp_path: Path
) -> None:
    with _small_disk(tmp_path / 'disk', '16k'):
        done = ingest(
            WAREHOUSE_URL=warehouse_url,
            TMPDIR=str(tmp_path / 'disk'),
            **_REPORT_UNWRITTEN,
        )
        assert _check(done, warehouse_url, _public(simulator)) == 'refused'
    assert 'No space left on device' in done.stderr
    assert ingest(WAREHOUSE_URL=warehouse_url).returncode == 0
    assert _counts(warehouse_url) == (_public(simulator), 1)


def test_a_full_server_disk_fails_the_run_and_loses_no_row(
    ingest: Ingest, simulator: Simulator, tmp_path: Path
) -> None:
    disk = tmp_path / 'disk'
    with _small_disk(disk, '160m'):
        folder = disk / 'warehouse'
        where = {'WAREHOUSE_DIR': str(folder)}
        assert ingest(command='migrate', **where).returncode == 0
        with embedded_server(folder) as url:
            free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_bsize
            (disk / 'ballast').write_bytes(bytes(free - 200_000))
            done = ingest(**where)
            (disk / 'ballast').unlink()
            assert _check(done, url, _public(simulator)) == 'refused'
            assert 'No space left on device' in done.stderr
        assert ingest(**where).returncode == 0
        with embedded_server(folder) as url:
            assert _counts(url) == (_public(simulator), 1)
