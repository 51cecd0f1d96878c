"""Rate limits and refused tokens: which waits happen and which do not.

docs/surviving-github.md names the test for each thing that GitHub does.
"""

from collections.abc import Iterator
from email.utils import formatdate

import pytest
from structlog.testing import capture_logs

from github_simulator import faults
from github_warehouse.errors import TokenRefusedError
from simulated import Runs, serve
from truth import true_repos

SOURCES = pytest.mark.parametrize('source', ['graphql', 'rest'])
LISTS = {'graphql': 'graphql:repositories', 'rest': 'rest:list'}
A_MINUTE = range(60, 63)


@pytest.fixture
def runs(warehouse_url: str) -> Iterator[Runs]:
    """Two companies, one of them with several pages."""
    with serve('acme:230,ada:4:user', warehouse_url) as runs:
        yield runs


def _check_all_rows(runs: Runs) -> None:
    held = runs.query(
        'select count(*) from repo_snapshots'
        ' where snapshot_date = %s and observed_on = %s',
        (runs.world.today, runs.world.today),
    )
    assert held == [(len(true_repos(runs.world, {'acme', 'ada'})),)]


@SOURCES
@pytest.mark.parametrize('status', [403, 429])
@pytest.mark.parametrize(
    'message', ['API rate limit exceeded for user ID 1.', 'Forbidden']
)
def test_a_used_up_hour_is_waited_for(
    runs: Runs, source: str, status: int, message: str
) -> None:
    runs.simulator.faults.add(
        faults.Fault(
            kind=LISTS[source],
            first=2,
            last=2,
            status=status,
            body=f'{{"message":"{message}"}}',
            reset_in_seconds=60,
        )
    )
    with capture_logs() as lines:
        result = runs.run(source=source)
    assert result.unread == []
    assert [round(wait) in A_MINUTE for wait in runs.clock.waits if wait > 1]
    waits = [line for line in lines if line['event'].startswith('waiting')]
    assert waits and all(line['until'].endswith('UTC') for line in waits)
    _check_all_rows(runs)


@pytest.mark.parametrize('kind', ['RATE_LIMIT', 'RATE_LIMITED'])
def test_a_used_up_hour_in_a_200_response_is_waited_for(
    runs: Runs, kind: str
) -> None:
    runs.simulator.faults.add(
        faults.Fault(
            kind='graphql:*',
            first=2,
            last=2,
            status=200,
            body='{"errors":[{"type":"%s","message":"API rate limit already '
            'exceeded for user ID 1."}]}' % kind,
            reset_in_seconds=60,
        )
    )
    assert runs.run().unread == []
    assert any(round(wait) in A_MINUTE for wait in runs.clock.waits)
    _check_all_rows(runs)


@SOURCES
def test_no_request_is_sent_with_no_budget_left(
    runs: Runs, source: str
) -> None:
    runs.simulator.faults.add(
        faults.Fault(kind=LISTS[source], last=1, reset_in_seconds=60)
    )
    assert runs.run(source=source, concurrency=1).unread == []
    assert [round(wait) for wait in runs.clock.waits] == [61]
    _check_all_rows(runs)


@SOURCES
def test_a_wait_over_the_maximum_carries_the_rest_forward(
    runs: Runs, source: str
) -> None:
    """Completed companies are written, the others are carried forward."""
    runs.run(source=source)
    runs.next_day()
    runs.simulator.faults.add(
        faults.primary_limit(1800, kind=LISTS[source], first=2)
    )
    sent = sum(runs.simulator.requests.values())
    result = runs.run(source=source, concurrency=1)
    assert [f.account.login for f in result.unread] == ['acme', 'ada']
    for fetch in result.unread:
        assert 'MAX_WAIT_MINUTES is 15' in str(fetch.error)
        assert 'in 30 minutes' in str(fetch.error)
    assert runs.clock.waits == []
    # acme's first page and the refused request; none for ada
    assert sum(runs.simulator.requests.values()) - sent == 2
    assert runs.query(
        'select count(*), count(*) filter (where observed_on < %s)'
        ' from repo_snapshots where snapshot_date = %s',
        (runs.world.today, runs.world.today),
    ) == [(len(true_repos(runs.world, {'acme', 'ada'})),) * 2]


@SOURCES
def test_companies_read_before_a_limit_are_written(
    runs: Runs, source: str
) -> None:
    runs.run(source=source)
    runs.next_day()
    runs.simulator.faults.add(
        faults.primary_limit(1800, kind=LISTS[source], text='ada')
    )
    result = runs.run(source=source, concurrency=1)
    assert [f.account.login for f in result.unread] == ['ada']
    assert runs.query(
        'select company_name, bool_and(observed_on = %s)'
        ' from repo_snapshots inner join companies using (company_id)'
        ' where snapshot_date = %s group by 1 order by 1',
        (runs.world.today, runs.world.today),
    ) == [('acme', True), ('ada', False)]
    assert runs.query(
        'select source, last_run::date = %s from ingestion_state order by 1',
        (runs.world.today,),
    ) == [('acme', True), ('ada', False)]


def test_the_longest_wait_is_configurable(runs: Runs) -> None:
    """A wait of exactly the maximum happens, one minute more does not."""
    runs.simulator.faults.add(
        faults.primary_limit(1800, kind='graphql:*', last=1)
    )
    assert runs.run(concurrency=1, max_wait_minutes=30).unread == []
    runs.clock.advance(7200)
    runs.simulator.faults.clear()
    runs.simulator.faults.add(
        faults.primary_limit(1860, kind='graphql:*', last=1)
    )
    assert runs.run(concurrency=1, max_wait_minutes=30).unread != []


def _moment(runs: Runs, seconds: int) -> str:
    return formatdate(runs.clock.time() + seconds, usegmt=True)


@SOURCES
@pytest.mark.parametrize('status', [403, 429])
@pytest.mark.parametrize('form', ['seconds', 'date', 'text'])
def test_a_secondary_limit_is_waited_for(
    runs: Runs, source: str, status: int, form: str
) -> None:
    which = {'kind': LISTS[source], 'first': 2, 'last': 2}
    fault = faults.secondary_limit(
        20 if form == 'seconds' else None, status, **which
    )
    if form == 'date':
        fault.headers['Retry-After'] = _moment(runs, 20)
    runs.simulator.faults.add(fault)
    assert runs.run(source=source, concurrency=1).unread == []
    (wait,) = runs.clock.waits
    assert 60 <= wait <= 75 if form == 'text' else 19 <= wait <= 20
    _check_all_rows(runs)


@pytest.mark.parametrize(
    'body',
    [
        '{"data":null,"errors":[{"message":"You have exceeded a secondary '
        'rate limit."}]}',
        '{"errors":[{"type":"FORBIDDEN","message":"You have exceeded a '
        'secondary rate limit. Please wait a few minutes."}]}',
    ],
)
def test_a_secondary_limit_in_a_200_response_is_waited_for(
    runs: Runs, body: str
) -> None:
    runs.simulator.faults.add(
        faults.Fault(kind='graphql:*', last=1, status=200, body=body)
    )
    assert runs.run(concurrency=1).unread == []
    (wait,) = runs.clock.waits
    assert 60 <= wait <= 75


@SOURCES
def test_an_endless_secondary_limit_is_abandoned(
    runs: Runs, source: str
) -> None:
    """A minute, then longer each time; five tries, only for that company."""
    runs.simulator.faults.add(
        faults.secondary_limit(kind=LISTS[source], text='acme')
    )
    result = runs.run(source=source, concurrency=1, max_wait_minutes=60)
    assert [f.account.login for f in result.unread] == ['acme']
    assert 'refused a request 5 times' in str(result.unread[0].error)
    waits = runs.clock.waits
    assert [60 * 2**n <= w <= 75 * 2**n for n, w in enumerate(waits)]
    assert len([wait for wait in waits if wait >= 60]) in (4, 5)


@SOURCES
def test_a_secondary_limit_over_the_maximum_is_not_waited_for(
    runs: Runs, source: str
) -> None:
    runs.simulator.faults.add(faults.secondary_limit(3600, kind=LISTS[source]))
    result = runs.run(source=source, concurrency=1)
    assert len(result.unread) == 2
    assert runs.clock.waits == []
    assert runs.simulator.requests[LISTS[source]] == 1


@SOURCES
def test_a_refused_token_is_replaced_by_the_next(
    warehouse_url: str, source: str
) -> None:
    """The list is read from the start with the other token."""
    with serve('acme:230', warehouse_url, tokens=('first', 'second')) as runs:
        runs.simulator.faults.add(
            faults.refused(
                401,
                'Bad credentials',
                kind=LISTS[source],
                first=2,
                last=2,
            )
        )
        with capture_logs() as lines:
            result = runs.run(source=source, concurrency=1)
        assert result.unread == []
        reasons = [
            line['reason']
            for line in lines
            if 'not used again' in line['event']
        ]
        assert len(reasons) == 1
        assert 'of 2, 401 Bad credentials (request' in reasons[0]
        assert 'GITHUB_TOKEN' in reasons[0]
        assert runs.query(
            'select count(*) from repo_snapshots where observed_on = %s',
            (runs.world.today,),
        ) == [(len(true_repos(runs.world, {'acme'})),)]


def test_a_run_without_a_valid_token_stops(warehouse_url: str) -> None:
    with serve('acme:24', warehouse_url, tokens=('first', 'second')) as runs:
        runs.run()
        runs.next_day()
        runs.simulator.requests.clear()
        with pytest.raises(TokenRefusedError, match='GITHUB_TOKEN') as raised:
            runs.run(tokens=('revoked', 'expired'))
        assert len(str(raised.value).splitlines()) == 1
        # one request with each token, and none without
        assert runs.simulator.requests['rest:rate_limit'] == 2
        assert runs.query(
            'select status, requests from pipeline_runs order by run_id'
        )[1:] == [('failed', 2)]


@SOURCES
def test_a_company_is_read_with_the_token_with_most_budget(
    warehouse_url: str, source: str
) -> None:
    tokens = ('poor', 'rich')
    with serve('acme:230,ada:4:user', warehouse_url, tokens=tokens) as runs:
        for resource in ('/users/ada', '/graphql'):
            runs.use_budget('poor', resource, 100)
        runs.simulator.requests.clear()
        runs.simulator.faults.add(
            faults.refused(500, 'not this one', token='poor', kind='*:*ist*'),
            faults.refused(500, 'nor here', token='poor', kind='graphql:*'),
        )
        assert runs.run(source=source, concurrency=1).unread == []
        requests, budgets = runs.query(
            'select sum(requests), min(budget_left)'
            ' from pipeline_run_companies'
        )[0]
        assert runs.simulator.requests['rest:rate_limit'] == 2
        assert budgets > 4_600
        assert requests <= runs.simulator.requests.total()
