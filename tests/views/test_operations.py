"""Views of freshness and of the results of runs."""

from datetime import datetime, timedelta, timezone

import pytest

from github_warehouse.warehouse.connection import Connection

from .conftest import Given, View, day


@pytest.fixture
def midnight(database: Connection) -> datetime:
    """The start of the day, UTC, by the clock of the server."""
    with database.cursor() as cursor:
        cursor.execute(
            "select date_trunc('day', now() at time zone 'UTC')"
            " at time zone 'UTC'"
        )
        ((moment,),) = cursor.fetchall()
    assert isinstance(moment, datetime)
    return moment


def test_days_behind_count_utc_days(
    given: Given, view: View, midnight: datetime
) -> None:
    before = midnight - timedelta(minutes=1)
    long_before = midnight - timedelta(days=40)
    given.company(1, 'acme')
    given.company(2, 'bolt')
    given.company(3, 'coil')
    given.state(1, midnight, before)
    given.state(2, before, None)
    given.state(3, long_before, long_before)

    assert view('data_freshness') == [
        ('acme', midnight, before, 0, None, 0, None, None),
        ('bolt', before, None, 1, None, 0, None, None),
        ('coil', long_before, long_before, 40, None, 0, None, None),
    ]


def test_company_never_read_is_not_behind(given: Given, view: View) -> None:
    given.company(1, 'acme')
    given.company(2, 'bolt')
    given.state(2, None)

    assert view('data_freshness') == [
        ('acme', None, None, None, None, 0, None, None),
        ('bolt', None, None, None, None, 0, None, None),
    ]


def test_untracked_company_has_no_freshness(given: Given, view: View) -> None:
    given.company(1, 'gone', is_tracked=False)
    given.repo(10, 1, 'alpha')
    given.snapshot(10, 1, day(1))
    given.company_day(1, day(1), repos=1)

    assert view('data_freshness') == []


def test_carried_percent_is_of_the_latest_day(
    given: Given, view: View
) -> None:
    given.company(1, 'acme')
    for repo_id in (10, 11, 12):
        given.repo(repo_id, 1, f'repo-{repo_id}')
        given.snapshot(repo_id, 1, day(2), observed_on=day(1))
    given.snapshot(10, 1, day(3))
    given.snapshot(11, 1, day(3))
    given.snapshot(12, 1, day(3), observed_on=day(1))
    given.company_day(1, day(2), repos=3)
    given.company_day(1, day(3), repos=3)

    assert view('data_freshness') == [
        ('acme', None, None, None, day(3), 3, 33.33, None)
    ]


def test_each_company_has_its_own_latest_day(given: Given, view: View) -> None:
    given.company(1, 'acme')
    given.company(2, 'back')
    given.company(3, 'bare')
    given.repo(10, 1, 'alpha')
    given.repo(20, 2, 'omega')
    given.snapshot(20, 2, day(1), observed_on=day(1))
    given.snapshot(20, 2, day(2), observed_on=day(1))
    given.snapshot(10, 1, day(9))
    given.company_day(2, day(1), repos=1)
    given.company_day(2, day(2), repos=1)
    given.company_day(1, day(9), repos=1)
    given.company_day(3, day(9), repos=0)

    assert view('data_freshness') == [
        ('acme', None, None, None, day(9), 1, 0.0, None),
        ('back', None, None, None, day(2), 1, 100.0, None),
        ('bare', None, None, None, day(9), 0, None, None),
    ]


def test_freshness_counts_only_what_a_company_owned_that_day(
    given: Given, view: View
) -> None:
    given.company(1, 'acme')
    given.company(2, 'acme')
    given.repo(10, 2, 'alpha')
    given.snapshot(10, 1, day(1))
    given.snapshot(10, 2, day(2), observed_on=day(1))
    given.company_day(1, day(1), repos=1)
    given.company_day(1, day(2), repos=0)
    given.company_day(2, day(2), repos=1)

    assert view('data_freshness') == [
        ('acme', None, None, None, day(2), 0, None, None),
        ('acme', None, None, None, day(2), 1, 100.0, None),
    ]


def test_health_has_a_row_per_run(given: Given, view: View) -> None:
    started = datetime(2026, 3, 1, 23, 59, tzinfo=timezone.utc)
    finished = started + timedelta(minutes=2, seconds=3.456)
    given.run(
        run_id=1,
        started_at=started,
        finished_at=finished,
        snapshot_date=day(1),
        status='partial',
        mode='mixed',
        source='graphql',
        companies=5,
        companies_failed=1,
        repositories_updated=7,
        snapshots_fresh=8,
        snapshots_carried=2,
        language_rows=30,
        requests=12,
        points=14,
        budget_left=4986,
        error='bolt: not found',
        warnings='stars_fell: 1 row',
    )
    given.run(
        run_id=2,
        started_at=finished,
        finished_at=finished,
        snapshot_date=day(2),
        status='failed',
        mode='sweep',
        source='rest',
    )

    assert view('pipeline_health') == [
        (1, started, finished, 123.46, day(1), 'partial', 'mixed', 'graphql')
        + (5, 1, 7, 8, 2, 30, 12, 14, 4986, 'bolt: not found')
        + ('stars_fell: 1 row',),
        (2, finished, finished, 0.0, day(2), 'failed', 'sweep', 'rest')
        + (0, 0, 0, 0, 0, 0, 0, 0, None, None, None),
    ]
