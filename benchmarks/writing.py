"""The daily write by step, compared with its floor and the common way.

The floor is a COPY of the written rows from memory into tables with the same
columns and number of days, the day first in the key, without foreign keys or
checks.
"""

import io
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from benchmarks import common_way
from benchmarks.day import observe, write_day
from benchmarks.meter import Cost, measure_cost, prepare_session
from benchmarks.synthetic import Scale

from github_warehouse.model import RepoObservation
from github_warehouse.warehouse.connection import Connection, Cursor

# functions of github_warehouse.warehouse.load
FACTS = '_write_facts'
RETENTION = 'drop_expired'
_STEPS = ('_stage', '_write_dimensions', FACTS, '_write_rollups', '_audit')
REST = 'the rest'
FLOOR = 'floor'
COMMON = 'common way'
WHOLE = 'whole transaction'

_COLUMNS = {
    'repo_snapshots': 'repo_id, snapshot_date, company_id, stars, forks,'
    ' open_issues, observed_on',
    'language_snapshots': 'repo_id, snapshot_date, language_id, bytes',
}
_KEYS = {
    'repo_snapshots': 'snapshot_date, repo_id',
    'language_snapshots': 'snapshot_date, repo_id, language_id',
}


class StepCursor(Cursor):
    """A cursor that measures the cost of each step of the write."""

    steps: dict[str, Cost] = defaultdict(Cost)

    def execute(self, *args: Any) -> None:
        with self._step():
            super().execute(*args)

    def executemany(self, *args: Any) -> None:
        with self._step():
            super().executemany(*args)

    def copy_expert(self, *args: Any) -> None:
        with self._step():
            super().copy_expert(*args)

    @contextmanager
    def _step(self) -> Iterator[None]:
        name = _step_name()
        with measure_cost(self.connection) as cost:
            yield
        if name is not None:
            self.steps[name] += cost


def _step_name() -> str | None:
    """Return the function that `write_observed` is calling, or None."""
    names = []
    frame = sys._getframe(1)
    while frame is not None and frame.f_code.co_name != 'write_observed':
        names.append(frame.f_code.co_name)
        frame = frame.f_back  # type: ignore[assignment]
    return names[-1] if frame is not None else None


@dataclass
class Writes:
    """Cost of each sample, by step; `rows` is the number written per day."""

    costs: dict[str, list[Cost]] = field(
        default_factory=lambda: defaultdict(list)
    )
    rows: int = 0


def measure_writes(
    connection: Connection, scale: Scale, with_common: bool
) -> Writes:
    """Write days in sequence, each followed by floor and common way."""
    writes = Writes()
    with connection, connection.cursor() as cursor:
        _floor_tables(cursor)
        if with_common:
            cursor.execute(common_way.SET_UP)
    for number in range(1, scale.samples + 1):
        day = scale.last_day + timedelta(days=number)
        observed = observe(connection, scale, number)
        whole, steps = _write(connection, scale, observed, day)
        writes.costs[WHOLE].append(whole)
        for name, cost in steps.items():
            writes.costs[name].append(cost)
        floor, writes.rows = _copy(connection, day)
        writes.costs[FLOOR].append(floor)
        if with_common:
            prepare_session(connection)
            with measure_cost(connection) as cost:
                common_way.write(connection, observed, day, scale.days)
            writes.costs[COMMON].append(cost)
    return writes


def _write(
    connection: Connection,
    scale: Scale,
    observed: list[RepoObservation],
    day: date,
) -> tuple[Cost, dict[str, Cost]]:
    StepCursor.steps = defaultdict(Cost)
    connection.cursor_factory = StepCursor
    whole, _ = write_day(connection, scale, observed, day)
    connection.cursor_factory = Cursor
    steps = {name: StepCursor.steps[name] for name in _STEPS}
    rest = Cost(whole.wall, whole.cpu)
    for cost in steps.values():
        rest += Cost(-cost.wall, -cost.cpu)
    return whole, {
        **steps,
        RETENTION: StepCursor.steps[RETENTION],
        REST: rest,
    }


def _floor_tables(cursor: Cursor) -> None:
    for table, columns in _COLUMNS.items():
        cursor.execute(
            f'create table bench.{table} as select {columns}'
            f' from public.{table} order by {_KEYS[table]};'
            f'alter table bench.{table} add primary key ({_KEYS[table]})'
        )


def _copy(connection: Connection, day: date) -> tuple[Cost, int]:
    """Copy the written rows of a day into the floor tables."""
    files = {}
    rows = 0
    with connection, connection.cursor() as cursor:
        for table, columns in _COLUMNS.items():
            files[table] = io.StringIO()
            cursor.copy_expert(
                f'copy (select {columns} from public.{table}'
                f' where snapshot_date = \'{day}\') to stdout',
                files[table],
            )
            rows += cursor.rowcount
    prepare_session(connection)
    with measure_cost(connection) as cost:
        with connection, connection.cursor() as cursor:
            for table, columns in _COLUMNS.items():
                files[table].seek(0)
                cursor.copy_expert(
                    f'copy bench.{table} ({columns}) from stdin', files[table]
                )
    return cost, rows
