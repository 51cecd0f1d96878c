"""Requests and points that reading GitHub costs, with both sources.

Five companies of 13,000 repositories on the simulated GitHub: the first run,
and a day with 400 pushes. Run as a program, every response takes 200 ms, and
the table compares the total time with that of the responses alone.

    python -m benchmarks.github_requests
"""

import tempfile
import time
from dataclasses import replace
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from datetime import timedelta
from pathlib import Path

from rich.console import Console

from github_simulator import Simulator, World, parse_accounts
from github_simulator.limits import HourlyLimits
from github_warehouse.config import Settings, read_settings
from github_warehouse.ingest import ingest
from github_warehouse.run_result import RunOptions, RunResult
from github_warehouse.terminal import Column, FetchProgress, print_table
from github_warehouse.warehouse.connection import Warehouse, open_warehouse
from github_warehouse.warehouse.migrate import migrate

_ACCOUNTS = 'a:8000,b:3000,c:1500,d:400,e:100'
_LATENCY_SECONDS = 0.2
_PUSHES = 400
_COLUMNS = (
    'source',
    'run',
    'requests',
    'points',
    'seconds',
    'one at a time, s',
    'eight at a time, s',
)


def main() -> None:
    """Measure both sources and print the table."""
    rows = [
        row
        for source in ('graphql', 'rest')
        for row in measure_source(source, _LATENCY_SECONDS)
    ]
    print_table(
        Console(width=100),
        f'{_ACCOUNTS}, {_LATENCY_SECONDS * 1000:.0f} ms a request',
        [Column(name) for name in _COLUMNS],
        rows,
    )


def measure_source(
    source: str, latency_seconds: float
) -> list[tuple[object, ...]]:
    """Measure a first run and a run after some changes with one source.

    Returns:
        Rows of source, run, requests, points, seconds, and the
        seconds of the responses alone, one at a time and eight at a time.
    """
    world = World.generate(
        parse_accounts(_ACCOUNTS), seed=1, today=date(2026, 3, 1)
    )
    plenty = HourlyLimits(core=10**6, graphql=10**6)
    with (
        tempfile.TemporaryDirectory(prefix='reading-') as directory,
        Simulator(
            world, latency_seconds=latency_seconds, hourly_limits=plenty
        ) as simulator,
    ):
        settings = read_settings(
            {
                'WAREHOUSE_DIR': directory,
                'GITHUB_API_URL': simulator.url,
                'GITHUB_TOKEN': 'simulated-token',
                'COMPANIES': 'a,b,c,d,e',
            }
        )
        with open_warehouse(
            replace(settings, warehouse_directory=Path(directory))
        ) as warehouse:
            migrate(warehouse)

            def run() -> tuple[RunResult, float]:
                return _run(warehouse, settings, source, world)

            first = run()
            # three days later, so that the pushes of the first day are
            # more than a day old
            world.today += timedelta(days=3)
            for repository in sorted(world.repositories)[::32][:_PUSHES]:
                world.push(repository)
            return [
                _row(source, 'first', latency_seconds, *first),
                _row(source, f'{_PUSHES} changes', latency_seconds, *run()),
            ]


def _run(
    warehouse: Warehouse, settings: Settings, source: str, world: World
) -> tuple[RunResult, float]:
    as_of = datetime.combine(world.today, time_of_day(), UTC)
    began = time.monotonic()
    with FetchProgress() as progress:
        result = ingest(
            warehouse,
            settings,
            RunOptions(source=source, as_of=as_of),
            progress.advance,
        )
    assert not result.unread
    return result, time.monotonic() - began


def _row(
    source: str,
    run: str,
    latency_seconds: float,
    result: RunResult,
    seconds: float,
) -> tuple[object, ...]:
    alone = result.run.requests * latency_seconds
    return (
        source,
        run,
        result.run.requests,
        result.run.points,
        round(seconds, 1),
        round(alone, 1),
        round(alone / 8, 1),
    )


if __name__ == '__main__':
    main()
