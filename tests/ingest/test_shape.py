"""The cost of a run does not grow with the number of stored days."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from benchmarks.__main__ import measure
from benchmarks.day import observe, write_day
from benchmarks.results import machine, write_results
from benchmarks.running import measure_runs
from benchmarks.synthetic import Scale, fill

from github_warehouse.warehouse.connection import Cursor, connect
from support import warehouse_at

# the first and last days are looked up by index, one or two rows each time
_MAX_LOOKED_UP = 10
_TUPLES_READ = """
    select
        tables.relname,
        tables.seq_tup_read + coalesce(
            (
                select sum(indexes.idx_tup_read)
                from pg_stat_user_indexes as indexes
                where indexes.relid = tables.relid
            ),
            0
        )
    from pg_stat_user_tables as tables
    where tables.relname ~ 'snapshots_[0-9]+$'
"""


class _CountingCursor(Cursor):
    statements = 0

    def execute(self, *args: Any) -> None:
        type(self).statements += 1
        super().execute(*args)


def _rows_read(url: str) -> dict[str, int]:
    """Return the number of rows ever read, by partition."""
    with (
        connect(warehouse_at(url)) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(_TUPLES_READ)
        return {name: int(count) for name, count in cursor}


def _run(url: str, days: int) -> tuple[int, int, dict[str, int]]:
    """Write a day; return statements, observed rows and partitions read."""
    scale = Scale(600, 3, days, 20, 1)
    with connect(warehouse_at(url)) as connection:
        fill(connection, scale)
        observed = observe(connection, scale, 1)
    before = _rows_read(url)
    _CountingCursor.statements = 0
    with connect(warehouse_at(url)) as connection:
        connection.cursor_factory = _CountingCursor
        write_day(
            connection, scale, observed, scale.last_day + timedelta(days=1)
        )
    touched = {
        name: count - before.get(name, 0)
        for name, count in _rows_read(url).items()
        if count - before.get(name, 0) > _MAX_LOOKED_UP
    }
    return _CountingCursor.statements, len(observed), touched


def test_a_write_reads_only_the_previous_day(
    warehouse_url: str, second_warehouse_url: str
) -> None:
    few = _run(warehouse_url, 4)
    many = _run(second_warehouse_url, 25)
    assert few[:2] == many[:2]
    for days, (_, _, touched) in ((4, few), (25, many)):
        base = f'202601{days:02}'
        today = f'202601{days + 1:02}'
        assert set(touched) == {
            f'{table}_{day}'
            for table in ('repo_snapshots', 'language_snapshots')
            for day in (base, today)
        }


@pytest.mark.skipif(
    not Path('/proc/self/status').exists(),
    reason='needs /proc: memory and time are read there',
)
def test_memory_does_not_grow_with_the_repositories() -> None:
    few, many = (
        max(measure_runs(repositories, 0)['first'].peak)
        for repositories in (500, 6_000)
    )
    assert many - few < 9e6


@pytest.mark.skipif(
    not Path('/proc/self/schedstat').exists(),
    reason='needs /proc: memory and time are read there',
)
def test_the_benchmarks_run(tmp_path: Path) -> None:
    results = tmp_path / 'RESULTS.md'
    found = measure(Scale(100, 2, 2, 10, 1))
    write_results(results, machine(), [found], [('graphql', 'first', 5, 4)])
    text = results.read_text('utf-8')
    assert '| **whole transaction** |' in text
    assert '| 100 | `ingest --full`, the next days |' in text
