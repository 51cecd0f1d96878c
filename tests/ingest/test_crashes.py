"""The ingest, or its PostgreSQL, is killed at any moment."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing, suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from github_simulator import Simulator, World, parse_accounts
from github_warehouse.warehouse.embedded import embedded_server
from support import open_database

# The phase to wait for, and when to kill, in fractions of its duration.
_MOMENTS = {
    'in the fetch': ('II read GitHub', 0.0, 1.0),
    'in the write': ('II write', 0.0, 0.9),
    'in the commit': ('II write', 0.9, 1.3),
}
_STATE = """
    select
        (select count(*) from repo_snapshots where snapshot_date = %(day)s),
        (select count(*) from company_daily where snapshot_date = %(day)s),
        (select count(*) from pipeline_runs where snapshot_date = %(day)s)
"""
_LEFTOVERS = """
    select relname::text
    from pg_class
    where
        relnamespace = current_schema()::regnamespace
        and relkind = 'r'
        and relname ~ '_snapshots_[0-9]+$'
        and not relispartition
    union all
    select pid::text
    from pg_stat_activity
    where
        application_name ~ '^github-warehouse'
        and datname = current_database()
"""


class Site:
    """A simulated GitHub and commands that read it."""

    def __init__(self, simulator: Simulator, folder: Path, **where: str):
        self.simulator = simulator
        self.seconds = {'II read GitHub': 0.0, 'II write': 0.0}
        kept = ('PATH', 'HOME', 'LANG', 'COVERAGE_', 'PGPASS', 'WAREHOUSE_')
        self.environment = {
            **{k: v for k, v in os.environ.items() if k.startswith(kept)},
            'GITHUB_API_URL': simulator.url,
            'GITHUB_TOKEN': 'simulated-token',
            'COMPANIES': 'acme,globex',
            'TMPDIR': str(folder),
            **where,
        }

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command with a readable log."""
        return subprocess.Popen(
            [sys.executable, '-m', 'github_warehouse', *arguments],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ingest(self) -> int:
        """Ingest the world's day and record the duration of each phase."""
        with self.start('ingest', *self.today()) as process:
            assert process.stderr is not None
            for line in process.stderr:
                for phase in self.seconds:
                    if 'phase ends' in line and phase in line:
                        seconds = line.split('seconds=')[1].split()[0]
                        self.seconds[phase] = float(seconds)
        return process.returncode

    def wait_for(self, process: subprocess.Popen[str], number: int) -> str:
        """Wait for the moment to kill something; return its name."""
        name = list(_MOMENTS)[number % len(_MOMENTS)]
        phase, first, last = _MOMENTS[name]
        assert process.stderr is not None
        for line in process.stderr:
            if 'phase starts' in line and phase in line:
                break
        time.sleep(random.uniform(first, last) * self.seconds[phase])
        return name

    def kill_ingest(self, number: int) -> str:
        """Kill an ingest at some moment; return which one."""
        with self.start('ingest', *self.today()) as process:
            name = self.wait_for(process, number)
            process.kill()
            assert process.stderr is not None
            process.stderr.read()
        in_time = process.returncode == -signal.SIGKILL
        return f'killed {name}' if in_time else 'too late'

    def today(self) -> tuple[str, str]:
        return ('--as-of', f'{self.simulator.world.today}T00:00:00Z')


def _rows(url: str, question: str, day: date) -> list[tuple[Any, ...]]:
    with closing(open_database(url)) as connection:
        with closing(connection.cursor()) as cursor:
            cursor.execute(question, {'day': day})
            return cursor.fetchall()


def _public(world: World) -> int:
    return sum(r.is_public for r in world.repositories.values())


def _day_written(url: str, world: World) -> str:
    """Check that the day has all rows or none; return which."""
    ((snapshots, totals, runs),) = _rows(url, _STATE, world.today)
    if (snapshots, totals, runs) == (0, 0, 0):
        return 'nothing'
    assert (snapshots, totals) == (_public(world), 2) and runs >= 1
    return 'the whole day'


def _check_no_leftovers(url: str, folder: Path, day: date) -> None:
    """Check that a killed client's session ends and leaves nothing behind."""
    for _ in range(100):
        left = _rows(url, _LEFTOVERS, day)
        if not left:
            break
        time.sleep(0.05)
    assert left == []
    names = [path.name for path in folder.iterdir() if path.is_file()]
    assert [name for name in names if not name.endswith('.lock')] == []


def _simulator() -> Simulator:
    world = World.generate(
        parse_accounts('acme:500,globex:90'), today=date(2026, 3, 1)
    )
    return Simulator(world, latency_seconds=0.05)


def _next_day(world: World) -> None:
    world.today += timedelta(days=1)


@pytest.mark.parametrize(
    'kills', [3, pytest.param(100, marks=pytest.mark.long)]
)
def test_a_killed_ingest_writes_the_whole_day_or_nothing(
    warehouse_url: str, tmp_path: Path, kills: int
) -> None:
    counted: Counter[str] = Counter()
    with _simulator() as simulator:
        world = simulator.world
        site = Site(simulator, tmp_path, WAREHOUSE_URL=warehouse_url)
        # twice, to measure a day that is not the first
        assert site.ingest() == 0
        _next_day(world)
        assert site.ingest() == 0
        for number in range(kills):
            _next_day(world)
            moment = site.kill_ingest(number)
            _check_no_leftovers(warehouse_url, tmp_path, world.today)
            held = _day_written(warehouse_url, world)
            counted[f'{moment}: {held}'] += 1
            # no repair is needed
            assert site.ingest() == 0
        _next_day(world)
        assert site.ingest() == 0
        days = _rows(
            warehouse_url,
            'select count(*) from repo_snapshots'
            ' group by snapshot_date order by snapshot_date',
            world.today,
        )
        with site.start('audit') as audit:
            audit.communicate(timeout=60)
            assert audit.returncode == 0
    retained = min(kills + 3, 31)
    assert days == [(_public(world),)] * retained
    print(f'{kills} kills: {dict(counted)}; 0 lost, 0 doubled, 0 leftovers')


@pytest.mark.parametrize(
    'kills', [2, pytest.param(20, marks=pytest.mark.long)]
)
def test_killing_postgresql_loses_no_rows(tmp_path: Path, kills: int) -> None:
    counted: Counter[str] = Counter()
    server = tmp_path / 'warehouse'
    folder = tmp_path / 'tmp'
    folder.mkdir()
    folder.chmod(0o777)
    with _simulator() as simulator:
        world = simulator.world
        site = Site(simulator, folder, WAREHOUSE_DIR=str(server))
        with site.start('migrate') as migrate:
            migrate.communicate(timeout=60)
        # twice, to measure a day that is not the first
        assert site.ingest() == 0
        _next_day(world)
        assert site.ingest() == 0
        for number in range(kills):
            _next_day(world)
            with site.start('ingest', *site.today()) as process:
                assert process.stderr is not None
                moment = site.wait_for(process, number)
                _kill_postgresql(server)
                output = process.stderr.read()
            assert 'Traceback' not in output, output
            with embedded_server(server) as url:
                held = _day_written(url, world)
            counted[f'{moment}, exit {process.returncode}: {held}'] += 1
            assert site.ingest() == 0
        _next_day(world)
        assert site.ingest() == 0
        with embedded_server(server) as url:
            days = _rows(
                url,
                'select count(*) from repo_snapshots group by snapshot_date',
                world.today,
            )
    assert days == [(_public(world),)] * (kills + 3)
    print(f'{kills} times PostgreSQL was killed: {dict(counted)}')


def _kill_postgresql(directory: Path) -> None:
    # none exists if the run has already ended
    for pid_file in directory.rglob('postmaster.pid'):
        with suppress(ProcessLookupError, FileNotFoundError):
            os.kill(int(pid_file.read_text().split()[0]), signal.SIGKILL)
