"""Measurements of wall time and of the CPU time of client and server.

Linux only: it reads /proc.
"""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2.extensions

from github_warehouse.warehouse.connection import Connection


@dataclass
class Cost:
    """Cost of an operation, in seconds.

    Attributes:
        wall: wall time.
        cpu: CPU time of this process and of its PostgreSQL backend.
    """

    wall: float = 0.0
    cpu: float = 0.0

    def __iadd__(self, other: 'Cost') -> 'Cost':
        self.wall += other.wall
        self.cpu += other.cpu
        return self


def backend_seconds(pid: int) -> float:
    """Return the CPU time of a process in seconds, to the nanosecond.

    https://docs.kernel.org/scheduler/sched-stats.html#proc-pid-schedstat
    """
    return int(Path(f'/proc/{pid}/schedstat').read_text().split()[0]) / 1e9


def prepare_session(connection: Connection) -> None:
    """Disable parallel workers, so that one backend does all the work.

    Also run a checkpoint, as happens in the night between two runs.
    """
    connection.rollback()
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute('set max_parallel_workers_per_gather = 0')
        cursor.execute('set max_parallel_maintenance_workers = 0')
        cursor.execute('checkpoint')
    connection.autocommit = False


@contextmanager
def measure_cost(
    connection: psycopg2.extensions.connection,
) -> Iterator[Cost]:
    """Measure the block; the cost is set when it ends."""
    cost = Cost()
    pid = connection.info.backend_pid
    cpu = time.process_time() + backend_seconds(pid)
    wall = time.perf_counter()
    yield cost
    cost.wall = time.perf_counter() - wall
    cost.cpu = time.process_time() + backend_seconds(pid) - cpu


def ratios(values: Sequence[float], floors: Sequence[float]) -> list[float]:
    """Divide values by floors, pair by pair."""
    return [value / floor for value, floor in zip(values, floors, strict=True)]


def format_spread(
    values: Sequence[float], form: Callable[[float], str]
) -> str:
    """Format the median with minimum and maximum."""
    return (
        f'{form(statistics.median(values))} '
        f'({form(min(values))} to {form(max(values))})'
    )


def format_milliseconds(seconds: float) -> str:
    """Format seconds as milliseconds."""
    return f'{seconds * 1000:,.0f} ms'


def format_ratio(ratio: float) -> str:
    """Format a ratio with two decimals."""
    return f'{ratio:.2f}'


def markdown(
    header: Sequence[str], rows: Sequence[Sequence[object]]
) -> list[str]:
    """Format a Markdown table, as lines."""
    lines = [header, ['---'] * len(header), *rows]
    return [f'| {" | ".join(map(str, line))} |' for line in lines]
