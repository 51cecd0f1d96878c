"""Contract relations: rows given, rows expected."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from psycopg2.sql import SQL, Identifier

from github_warehouse.metrics import METRICS
from github_warehouse.warehouse.connection import Connection

from .conftest import Given, day

pytestmark = pytest.mark.usefixtures('each_schema')
READ_AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
COUNTS: dict[str, Any] = {
    metric.name: number
    for number, metric in enumerate(METRICS, 1)
    if metric.kind == 'count'
}
TOTALS = {
    metric.name: 10 * number
    for number, metric in enumerate(METRICS, 1)
    if metric.is_summed
}


@pytest.fixture
def filled(given: Given) -> Given:
    """Two companies, one renamed; two repositories, one removed; two days."""
    given.company(1, 'acme')
    given.company(2, 'bolt', is_tracked=False)
    given.state(1, READ_AT, READ_AT - timedelta(days=1))
    given.repo(10, 1, 'alpha', language='Go', license='MIT')
    given.repo(20, 2, 'beta', removed_on=day(2), is_fork=True)
    given.snapshot(10, 1, day(1), **COUNTS)
    # it was the other company's on the first day, too
    given.snapshot(10, 2, day(2), **COUNTS, observed_on=day(1))
    given.snapshot(20, 2, day(1))
    given.languages(10, day(1), {'Go': 5})
    given.languages(10, day(2), {'Go': 6, 'C': 7})
    given.company_day(1, day(1), repos=1, repos_languages_read=1, **TOTALS)
    given.company_day(1, day(2), repos=2, **TOTALS)
    given.company_languages(1, day(1), {'Go': 5}, repos=3)
    return given


def _rows(
    database: Connection, relation: str, *keys: str
) -> list[dict[str, Any]]:
    with database.cursor() as cursor:
        cursor.execute(
            SQL('select * from {} order by {}').format(
                Identifier(relation), SQL(', ').join(map(Identifier, keys))
            )
        )
        names = [column.name for column in cursor.description or ()]
        return [
            dict(zip(names, row, strict=True)) for row in cursor.fetchall()
        ]


def _metrics(values: dict[str, int], of_totals: bool) -> dict[str, Any]:
    """Return the values of all metrics that a relation has."""
    return {
        metric.name: values.get(metric.name)
        for metric in METRICS
        if metric.is_summed or not of_totals
    }


@pytest.mark.usefixtures('filled')
def test_repository_days_has_every_day_with_its_owner(
    database: Connection,
) -> None:
    def row(
        repo_id: int, on: date, company_id: int, **values: int
    ) -> dict[str, Any]:
        owner, name = ('acme', 'alpha') if repo_id == 10 else ('bolt', 'beta')
        zeros = dict.fromkeys(('stars', 'forks', 'open_issues'), 0)
        return {
            'repo_id': repo_id,
            'snapshot_date': on,
            'company_id': company_id,
            'company_name': 'acme' if company_id == 1 else 'bolt',
            'repo_name': name,
            'full_name': f'{1 if owner == "acme" else 2}/{name}',
            'observed_on': day(1),
            'is_carried_forward': on != day(1),
            **_metrics(zeros | values, of_totals=False),
        }

    assert _rows(database, 'repository_days', 'repo_id', 'snapshot_date') == [
        row(10, day(1), 1, **COUNTS),
        row(10, day(2), 2, **COUNTS),
        row(20, day(1), 2),
    ]


@pytest.mark.usefixtures('filled')
def test_language_days_has_every_language_of_every_day(
    database: Connection,
) -> None:
    rows = _rows(database, 'language_days', 'snapshot_date', 'language_name')
    same = {'repo_id': 10, 'repo_name': 'alpha', 'full_name': '1/alpha'}
    # its latest owner, on all days
    acme = {**same, 'company_id': 1, 'company_name': 'acme'}
    assert rows == [
        {**acme, 'snapshot_date': day(1), 'language_name': 'Go', 'bytes': 5},
        {**acme, 'snapshot_date': day(2), 'language_name': 'C', 'bytes': 7},
        {**acme, 'snapshot_date': day(2), 'language_name': 'Go', 'bytes': 6},
    ]


@pytest.mark.usefixtures('filled')
def test_company_days_has_the_totals_of_every_day(
    database: Connection,
) -> None:
    rows = _rows(database, 'company_days', 'company_id', 'snapshot_date')
    acme = {
        'company_id': 1,
        'company_name': 'acme',
        **_metrics(TOTALS, of_totals=True),
    }
    assert rows[:2] == [
        {
            **acme,
            'snapshot_date': day(1),
            'repo_count': 1,
            'repos_languages_read': 1,
        },
        {
            **acme,
            'snapshot_date': day(2),
            'repo_count': 2,
            'repos_languages_read': None,
        },
    ]
    assert [row['company_id'] for row in rows[2:]] == [2, 2]


@pytest.mark.usefixtures('filled')
def test_company_language_days_has_the_totals_of_every_day(
    database: Connection,
) -> None:
    assert _rows(database, 'company_language_days', 'company_id') == [
        {
            'company_id': 1,
            'snapshot_date': day(1),
            'language_name': 'Go',
            'company_name': 'acme',
            'repo_count': 3,
            'bytes': 5,
        }
    ]


@pytest.mark.usefixtures('filled')
def test_repositories_has_those_that_were_removed(
    database: Connection,
) -> None:
    nothing = dict.fromkeys(
        (
            *('node_id', 'language', 'license', 'created_at', 'updated_at'),
            *('pushed_at', 'removed_on', 'languages_observed_at'),
        )
    )
    same = {**nothing, 'is_archived': False, 'tracked_from': day(1)}
    assert _rows(database, 'repositories', 'repo_id') == [
        {
            **same,
            'repo_id': 10,
            'company_id': 1,
            'company_name': 'acme',
            'repo_name': 'alpha',
            'full_name': '1/alpha',
            'language': 'Go',
            'license': 'MIT',
            'is_fork': False,
        },
        {
            **same,
            'repo_id': 20,
            'company_id': 2,
            'company_name': 'bolt',
            'repo_name': 'beta',
            'full_name': '2/beta',
            'is_fork': True,
            'removed_on': day(2),
        },
    ]


def test_companies_current_has_the_totals_of_the_latest_day(
    database: Connection, filled: Given
) -> None:
    filled.company(3, 'corp')
    acme, bolt, corp = _rows(database, 'companies_current', 'company_id')
    same = {'account_type': 'Organization', 'tracked_at': None}
    assert acme == {
        **same,
        'company_id': 1,
        'company_name': 'acme',
        'is_tracked': True,
        'tracked_login': 'login 1',
        'last_run': READ_AT,
        'last_sweep': READ_AT - timedelta(days=1),
        'snapshot_date': day(2),
        'repo_count': 2,
        'repos_languages_read': None,
        **_metrics(TOTALS, of_totals=True),
    }
    assert (bolt['is_tracked'], bolt['snapshot_date']) == (False, day(2))
    assert corp == {
        **dict.fromkeys(corp),
        **same,
        'company_id': 3,
        'company_name': 'corp',
        'is_tracked': True,
    }


def test_runs_has_every_column_of_the_run_log(
    database: Connection, given: Given
) -> None:
    for number in (1, 2):
        given.run(
            started_at=READ_AT,
            finished_at=READ_AT + timedelta(minutes=number),
            snapshot_date=day(2),
            status='partial',
            mode='mixed',
            source='rest',
            companies=number,
            error='acme: gone',
        )
    rows = _rows(database, 'runs', 'run_id')
    assert [row['companies'] for row in rows] == [1, 2]
    assert rows == _rows(database, 'pipeline_runs', 'run_id')


@pytest.mark.parametrize('relation', ['repository_days', 'language_days'])
def test_days_are_read_from_their_partitions_only(
    database: Connection, given: Given, relation: str
) -> None:
    given.company(1, 'acme')
    given.repo(10, 1, 'alpha')
    for number in range(1, 6):
        given.snapshot(10, 1, day(number))
        given.languages(10, day(number), {'Go': 1})
    with database.cursor() as cursor:
        cursor.execute(
            SQL('explain select * from {} where snapshot_date >= %s').format(
                Identifier(relation)
            ),
            (day(5),),
        )
        plan = '\n'.join(line for (line,) in cursor)
    assert 'snapshots_20260305' in plan
    assert 'snapshots_20260304' not in plan
