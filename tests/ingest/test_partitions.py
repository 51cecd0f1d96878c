"""Days that were detached or dropped manually, and gaps of outages."""

from contextlib import closing
from datetime import date, timedelta

import pytest

from github_warehouse.errors import DatabaseError
from simulated import Runs, serve
from support import open_database

_COUNTS = """
    select 'repos', snapshot_date, count(*) from repo_snapshots group by 2
    union all
    select 'languages', snapshot_date, count(*)
    from language_snapshots group by 2
    order by 1, 2
"""


def _detach(runs: Runs, table: str, day: date) -> None:
    runs.execute(f'alter table {table} detach partition {table}_{day:%Y%m%d}')


@pytest.mark.parametrize(
    'tables',
    [
        ('repo_snapshots',),
        ('language_snapshots',),
        ('repo_snapshots', 'language_snapshots'),
    ],
    ids=['repositories', 'languages', 'both'],
)
@pytest.mark.parametrize('is_later', [False, True])
def test_a_detached_latest_day_is_an_error_that_says_how_to_attach_it(
    runs: Runs, tables: tuple[str, ...], is_later: bool
) -> None:
    for _ in range(3):
        runs.run()
        runs.next_day()
    day = runs.world.today - timedelta(days=1)
    before = runs.query(_COUNTS)
    for table in tables:
        _detach(runs, table, day)
    if is_later:
        runs.next_day(2)
    requests_before = sum(runs.simulator.requests.values())
    for table in tables:
        with pytest.raises(DatabaseError, match='is detached from') as raised:
            runs.run()
        _, attach, _ = str(raised.value).split('`')
        runs.execute(attach)
    # before any request to GitHub
    assert sum(runs.simulator.requests.values()) == requests_before
    assert runs.query('select status from pipeline_runs order by run_id') == [
        *[('succeeded',)] * 3,
        *[('failed',)] * len(tables),
    ]
    assert runs.query(_COUNTS) == before
    assert runs.run().unread == []
    assert runs.audit() == []


def test_a_detached_earlier_day_stops_no_run(
    runs: Runs,
) -> None:
    first = runs.world.today
    for _ in range(4):
        runs.run()
        runs.next_day()
    _detach(runs, 'repo_snapshots', first + timedelta(days=1))
    assert runs.run().unread == []
    findings = [f for f in runs.audit() if f.startswith('detached_days')]
    day = f'repo_snapshots_{first + timedelta(days=1):%Y%m%d}'
    assert findings and day in findings[0]


def test_a_dropped_latest_day_is_refused(runs: Runs) -> None:
    for _ in range(3):
        runs.run()
        runs.next_day()
    day = runs.world.today - timedelta(days=1)
    runs.execute(f'drop table language_snapshots_{day:%Y%m%d}')
    with pytest.raises(DatabaseError, match='dropped by hand'):
        runs.run()
    # as the runbook says
    runs.execute(f'drop table repo_snapshots_{day:%Y%m%d}')
    for total in ('company_daily', 'company_language_daily'):
        runs.execute(f'delete from {total} where snapshot_date >= %s', (day,))
    assert runs.run(is_full=True).unread == []
    assert runs.audit() == []


def test_a_gap_longer_than_retention_is_not_an_error(
    runs: Runs,
) -> None:
    """A reader delayed the drop of the last day; then retention increased."""
    runs.run(retention_days=5)
    last = runs.world.today
    runs.next_day(9)
    with closing(open_database(runs.url)) as reader:
        with reader.cursor() as cursor:
            cursor.execute(f'select from repo_snapshots_{last:%Y%m%d}')
            runs.run(retention_days=5)
    days = [
        day
        for (day,) in runs.query(
            'select distinct snapshot_date from repo_snapshots order by 1'
        )
    ]
    assert days == [last, *(last + timedelta(days=n) for n in range(4, 10))]
    assert runs.audit(retention_days=30) == []
    runs.next_day()
    assert runs.run(retention_days=30).unread == []
    assert runs.audit(retention_days=30) == []


def test_a_latest_day_dropped_in_both_tables_is_reported(
    runs: Runs,
) -> None:
    for _ in range(3):
        runs.run()
        runs.next_day()
    day = runs.world.today - timedelta(days=1)
    for table in ('repo_snapshots', 'language_snapshots'):
        runs.execute(f'drop table {table}_{day:%Y%m%d}')
    with pytest.raises(DatabaseError, match=f'totals end on {day}'):
        runs.run()
    # as the runbook says
    for total in ('company_daily', 'company_language_daily'):
        runs.execute(f'delete from {total} where snapshot_date >= %s', (day,))
    assert runs.run(is_full=True).unread == []
    assert runs.audit() == []


def test_a_warehouse_without_days_sweeps_every_company(
    warehouse_url: str,
) -> None:
    with serve('acme:310', warehouse_url) as runs:
        runs.run()
        day = runs.world.today
        for table in ('repo_snapshots', 'language_snapshots'):
            runs.execute(f'drop table {table}_{day:%Y%m%d}')
        runs.next_day()
        assert [fetch.mode for fetch in runs.run().companies] == ['sweep']
        assert runs.audit() == []


def test_unrelated_partitions_stop_no_run(runs: Runs) -> None:
    """A default partition, and a partition name without a date."""
    runs.execute(
        'create table rest_of_days partition of repo_snapshots default;'
        'create table repo_snapshots_20261399 (day date)'
    )
    runs.run()
    runs.next_day()
    assert runs.run().unread == []
    assert runs.audit() == []
