"""Clocks: wall time, and the processor time of client and server.

Linux only: it reads /proc.
"""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from github_warehouse.warehouse.connection import Connection


@dataclass
class Cost:
    """What something took, in seconds.

    Attributes:
        wall: by the clock.
        cpu: of this process and of the backend that serves it.
    """

    wall: float = 0.0
    cpu: float = 0.0

    def __iadd__(self, other: 'Cost') -> 'Cost':
        self.wall += other.wall
        self.cpu += other.cpu
        return self


def backend_seconds(pid: int) -> float:
    """Read the processor time of a process, exact to the nanosecond.

    https://docs.kernel.org/scheduler/sched-stats.html#proc-pid-schedstat
    """
    return int(Path(f'/proc/{pid}/schedstat').read_text().split()[0]) / 1e9


def quiet(connection: Connection) -> None:
    """Let one backend do all, so that its time is all there is.

    And write out what is behind, as a night between two runs does.
    """
    connection.rollback()
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute('set max_parallel_workers_per_gather = 0')
        cursor.execute('set max_parallel_maintenance_workers = 0')
        cursor.execute('checkpoint')
    connection.autocommit = False


@contextmanager
def measured(connection: Connection) -> Iterator[Cost]:
    """Measure what is done inside; the figures are there at its end."""
    cost = Cost()
    pid = connection.info.backend_pid
    cpu = time.process_time() + backend_seconds(pid)
    wall = time.perf_counter()
    yield cost
    cost.wall = time.perf_counter() - wall
    cost.cpu = time.process_time() + backend_seconds(pid) - cpu


def ratios(mine: Sequence[float], floor: Sequence[float]) -> list[float]:
    """Divide pair by pair: what was measured side by side."""
    return [one / other for one, other in zip(mine, floor, strict=True)]


def spread(values: Sequence[float], form: Callable[[float], str]) -> str:
    """Write a median, with the least and the greatest."""
    return (
        f'{form(statistics.median(values))} '
        f'({form(min(values))} to {form(max(values))})'
    )


def milliseconds(seconds: float) -> str:
    """Write a time."""
    return f'{seconds * 1000:,.0f} ms'


def times(ratio: float) -> str:
    """Write a ratio."""
    return f'{ratio:.2f}'


def markdown(
    header: Sequence[str], rows: Sequence[Sequence[object]]
) -> list[str]:
    """Write a table."""
    lines = [header, ['---'] * len(header), *rows]
    return [f'| {" | ".join(map(str, line))} |' for line in lines]
