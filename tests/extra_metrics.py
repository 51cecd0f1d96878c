"""Runs with additional metrics that are declared for a test.

`test_extra_metrics.py` runs this with a copy of the source that declares
`extra_size`, which both APIs have, `extra_watchers`, which REST lacks, and
`extra_flag`, a flag.
"""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from github_warehouse.metrics import METRICS
from simulated import Runs, serve
from truth import ExpectedLanguages, differences, true_metrics

LOGINS = {'acme', 'ada'}
DAY = timedelta(days=1)
TOTALS = [metric.name for metric in METRICS if metric.is_summed]


@pytest.fixture
def runs(warehouse_url: str) -> Iterator[Runs]:
    """Two companies, one of them with several pages."""
    with serve('acme:130,ada:4:user', warehouse_url) as runs:
        yield runs


def _run(runs: Runs, source: str) -> dict[str, int | None]:
    """Run, compare with GitHub, and return GitHub's totals of acme."""
    runs.run(source=source)
    expected_languages = ExpectedLanguages()
    expected_languages.next_day(runs.world, LOGINS)
    found = differences(
        runs.url,
        runs.world.today,
        runs.world,
        LOGINS,
        expected_languages.rows(),
    )
    # REST reads languages separately; they are not compared here
    assert [row for row in found if len(row) > 4] == []
    rows = [
        true_metrics(runs.world, repository, source == 'rest')
        for repository in runs.world.owned_by(runs.company_id('acme'))
        if repository.is_public
    ]
    columns = zip(*rows, strict=True)
    return {
        metric.name: None if None in values else sum(map(int, values))
        for metric, values in zip(METRICS, columns, strict=True)
        if metric.is_summed
    }


def _totals(runs: Runs, day: date) -> dict[str, int | None]:
    (row,) = runs.query(
        f'select {", ".join(TOTALS)} from company_daily'
        ' inner join companies using (company_id)'
        " where company_name = 'acme' and snapshot_date = %s",
        (day,),
    )
    return dict(zip(TOTALS, row, strict=True))


def test_every_value_is_that_of_github(runs: Runs) -> None:
    expected = _run(runs, 'graphql')
    assert None not in expected.values()
    assert _totals(runs, runs.world.today) == expected
    runs.world.advance()
    expected = _run(runs, 'rest')
    assert expected['extra_watchers'] is None
    assert expected['extra_size'] is not None
    assert _totals(runs, runs.world.today) == expected
    # a missed day is carried forward, including nulls
    runs.next_day(2)
    again = _run(runs, 'graphql')
    assert _totals(runs, runs.world.today - DAY) == expected
    assert _totals(runs, runs.world.today) == again
    assert None not in again.values()
    assert runs.audit() == []


def test_fields_that_a_server_lacks_are_null_and_cost_one_request(
    warehouse_url: str,
) -> None:
    with serve(
        'acme:130,ada:4:user',
        warehouse_url,
        lacking=('Repository.watchers', 'Repository.hasDiscussionsEnabled'),
    ) as runs:
        outcome = runs.run(concurrency=1)
        assert {each.read_by for each in outcome.companies} == {'graphql'}
        assert runs.simulator.requests['graphql:repositories'] == 3 + 1
        assert runs.query(
            'select count(*) = count(extra_size), count(extra_watchers),'
            ' count(extra_flag) from repo_snapshots'
        ) == [(True, 0, 0)]
        assert _totals(runs, runs.world.today)['extra_watchers'] is None


def test_a_total_that_leaves_a_null_out_is_found(runs: Runs) -> None:
    _run(runs, 'rest')
    runs.execute('update company_daily set extra_watchers = 0')
    assert [line.split(':')[0] for line in runs.audit()] == [
        'company_daily_differs'
    ]
