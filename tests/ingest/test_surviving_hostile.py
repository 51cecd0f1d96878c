"""Implausible responses: each fails only its company.

docs/surviving-github.md names the test for each thing that GitHub does. The
fuzzer in test_fuzzed_answers.py tries the others.
"""

import json
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import requests
import structlog
from structlog.testing import capture_logs

from github_simulator import faults
from github_simulator.graphql_paging import encode_cursor
from github_warehouse.errors import WarehouseError
from github_warehouse.github.fields import read_query
from github_warehouse.ingest import ingest
from github_warehouse.run_result import RunOptions, RunResult
from simulated import Runs, serve
from support import warehouse_at

DEEP = '[' * 200_000 + ']' * 200_000
LISTED = ('data', 'repositoryOwner')
NODE = (*LISTED, 'repositories', 'nodes', 0)
GRAPHQL: dict[str, Any] = {'kind': 'graphql:repositories', 'text': 'acme'}
REST: dict[str, Any] = {'kind': 'rest:list', 'text': 'acme'}
MESSAGE = '{"message":"so \\u0000 it \\ud800 is\\u001b[2J"}'
LANGUAGES = (
    '{"edges":[{"size":1,"node":{"name":"C"}},'
    '{"size":2,"node":{"name":"C\\u0000"}}],'
    '"pageInfo":{"hasNextPage":false,"endCursor":null}}'
)
LONG_LANGUAGE = ''.join(chr(0x4E00 + n) for n in range(3000))

HOSTILE = {
    'NUL in a login': (
        'graphql',
        faults.replaced((*LISTED, 'login'), r'"ac\u0000me"', **GRAPHQL),
    ),
    'a lone surrogate in a login': (
        'graphql',
        faults.replaced((*LISTED, 'login'), r'"ac\ud800me"', **GRAPHQL),
    ),
    'NUL in a message': (
        'graphql',
        faults.Fault(status=400, body=MESSAGE, **GRAPHQL),
    ),
    'NUL in an error of GraphQL': (
        'graphql',
        faults.graphql_error('FORBIDDEN', 'no \0 \x1b[2J', **GRAPHQL),
    ),
    'an id that is an object': (
        'graphql',
        faults.replaced((*NODE, 'databaseId'), '{}', **GRAPHQL),
    ),
    'a repository that is text': (
        'graphql',
        faults.replaced(NODE, '"x"', **GRAPHQL),
    ),
    'a primary language that is false': (
        'graphql',
        faults.replaced((*NODE, 'primaryLanguage'), 'false', **GRAPHQL),
    ),
    'a cost beyond an integer': (
        'graphql',
        faults.replaced(
            ('data', 'rateLimit', 'cost'), str(2**31 - 1), **GRAPHQL
        ),
    ),
    'issues that add up beyond an integer': (
        'graphql',
        faults.replaced(
            (*NODE, 'issues', 'totalCount'), '2147483647', **GRAPHQL
        ),
    ),
    'an offset with a part of a second': (
        'graphql',
        faults.replaced(
            (*NODE, 'createdAt'), '"2026-01-01T00:00:00+00:00:30.5"', **GRAPHQL
        ),
    ),
    'bytes that add up beyond a bigint': (
        'graphql',
        faults.replaced(
            (*NODE, 'languages', 'edges'),
            '[{"size":9223372036854775807,"node":{"name":"C"}}]',
            **GRAPHQL,
        ),
    ),
    'languages equal but for a NUL': (
        'graphql',
        faults.replaced((*NODE, 'languages'), LANGUAGES, **GRAPHQL),
    ),
    'a language of 9 kB': (
        'graphql',
        faults.replaced(
            (*NODE, 'languages', 'edges'),
            f'[{{"size":1,"node":{{"name":"{LONG_LANGUAGE}"}}}}]',
            **GRAPHQL,
        ),
    ),
    'languages of REST equal but for a NUL': (
        'rest',
        faults.Fault(
            kind='rest:languages',
            body=r'{"C":1,"C\u0000":2}',
            last=1,
        ),
    ),
    'JSON nested 200,000 deep over GraphQL': (
        'graphql',
        faults.Fault(body=DEEP, **GRAPHQL),
    ),
    'JSON nested 200,000 deep over REST': (
        'rest',
        faults.Fault(body=DEEP, **REST),
    ),
    'a refusal nested 200,000 deep': (
        'rest',
        faults.Fault(status=400, body=DEEP, **REST),
    ),
    'an id of REST that is a list': (
        'rest',
        faults.replaced((0, 'id'), '[]', **REST),
    ),
    'the id of an owner that is an object': (
        'rest',
        faults.replaced((0, 'owner', 'id'), '{}', **REST),
    ),
    'a reset in milliseconds': (
        'rest',
        faults.Fault(
            headers={
                'X-RateLimit-Remaining': '0',
                'X-RateLimit-Reset': '1772323260000',
            },
            last=1,
            **REST,
        ),
    ),
    'a reset of 5,000 digits': (
        'graphql',
        faults.Fault(headers={'X-RateLimit-Reset': '9' * 5000}, **GRAPHQL),
    ),
    'a budget of 5,000 digits': (
        'graphql',
        faults.Fault(headers={'X-RateLimit-Remaining': '9' * 5000}, **GRAPHQL),
    ),
    'a budget beyond an integer': (
        'graphql',
        faults.Fault(headers={'X-RateLimit-Remaining': '9' * 12}),
    ),
    'a Retry-After of 400 digits': (
        'rest',
        faults.Fault(
            status=403, headers={'Retry-After': '9' * 400}, last=1, **REST
        ),
    ),
    'a date that no computer knows': (
        'graphql',
        faults.Fault(
            headers={'Date': 'Mon, 01 Jan 99999999999 00:00:00 GMT'}, **GRAPHQL
        ),
    ),
    'a date that no other time zone knows': (
        'graphql',
        faults.Fault(headers={'Date': 'Fri, 31 Dec 9999 23:59:59 -1200'}),
    ),
    'a date before the first year': (
        'rest',
        faults.Fault(headers={'Date': 'Mon, 01 Jan 0001 00:00:00 +2359'}),
    ),
    'the first date of all': (
        'rest',
        faults.Fault(headers={'Date': 'Mon, 01 Jan 0001 00:00:00 GMT'}),
    ),
    'a codec that cannot decode': (
        'rest',
        faults.Fault(
            status=403,
            headers={'Content-Type': 'application/json; charset=undefined'},
            body='{"message":"no"}',
            **REST,
        ),
    ),
}


@pytest.fixture
def runs(warehouse_url: str) -> Iterator[Runs]:
    """Two companies, one of them with several pages."""
    with serve('acme:130,ada:4:user', warehouse_url) as runs:
        yield runs


def assert_ada_is_written(runs: Runs) -> None:
    """Check the run log and the day of the other company."""
    assert runs.query(
        'select company_name, count(*), bool_and(observed_on = %s)'
        ' from repo_snapshots inner join companies using (company_id)'
        ' where snapshot_date = %s and company_name = %s group by 1',
        (runs.world.today, runs.world.today, 'ada'),
    ) == [('ada', 4, True)]
    ((day, status),) = runs.query(
        'select snapshot_date, status from pipeline_runs'
        ' order by run_id desc limit 1'
    )
    assert day == runs.world.today and status in ('partial', 'succeeded')


@pytest.mark.parametrize('name', sorted(HOSTILE))
def test_an_implausible_response_fails_only_its_company(
    runs: Runs, name: str
) -> None:
    source, fault = HOSTILE[name]
    runs.run(source=source, is_full=True)
    runs.next_day()
    runs.simulator.faults.add(fault)
    result = runs.run(source=source, is_full=True)
    assert {fetch.account.login for fetch in result.unread} <= {'acme'}
    errors = str([fetch.error for fetch in result.unread])
    assert 'unexpected error' not in errors
    assert errors.isprintable()
    assert_ada_is_written(runs)


@pytest.mark.parametrize('source', ['graphql', 'rest'])
@pytest.mark.parametrize(
    'refusal',
    [
        faults.Fault(status=403, headers={'Retry-After': '172800'}),
        faults.Fault(reset_in_seconds=72_000),
        faults.primary_limit(72_000, last=2),
    ],
    ids=['Retry-After of two days', 'nothing left for 20 hours', '403'],
)
def test_a_limit_of_hours_costs_no_other_company(
    runs: Runs, source: str, refusal: faults.Fault
) -> None:
    """The company that meets it is read first, and alone."""
    which = GRAPHQL if source == 'graphql' else REST
    runs.simulator.faults.add(replace(refusal, **which))
    result = runs.run(source=source, concurrency=1)
    assert {fetch.account.login for fetch in result.unread} <= {'acme'}
    assert_ada_is_written(runs)


@pytest.mark.parametrize('source', ['graphql', 'rest'])
@pytest.mark.parametrize('status', [200, 400])
def test_a_body_of_millions_of_values_is_not_parsed(
    runs: Runs, source: str, status: int
) -> None:
    """8 MiB of empty lists: 300 MiB of Python objects."""
    which = GRAPHQL if source == 'graphql' else REST
    body = '{"message":[' + '[],' * (8 * 2**20 // 3 - 10) + '[]]}'
    runs.simulator.faults.add(faults.Fault(status=status, body=body, **which))
    began = time.monotonic()
    tracemalloc.start()
    try:
        result = runs.run(source=source)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    (unread,) = result.unread
    assert unread.requests == 1
    # the body itself, here and in the simulator
    assert peak < 100 * 2**20
    assert time.monotonic() - began < 20
    assert_ada_is_written(runs)


def test_malformed_languages_are_read_over_rest(runs: Runs) -> None:
    """The company is read completely; REST returns valid languages."""
    runs.simulator.faults.add(
        faults.replaced((*NODE, 'languages'), LANGUAGES, last=1, **GRAPHQL)
    )
    assert runs.run().unread == []
    assert runs.simulator.requests['rest:languages'] == 1


def test_an_endless_list_is_abandoned(runs: Runs) -> None:
    """Each page has a new cursor, although GitHub counts 130 repositories."""
    for number in range(60):
        cursor = encode_cursor((0.0, number))
        page = {'hasNextPage': True, 'endCursor': cursor}
        runs.simulator.faults.add(
            faults.replaced(
                (*LISTED, 'repositories', 'pageInfo'),
                json.dumps(page),
                last=1,
                **GRAPHQL,
            )
        )
    result = runs.run(concurrency=1)
    (unread,) = result.unread
    assert 'does not end' in str(unread.error)
    assert unread.requests < 20
    assert_ada_is_written(runs)


@pytest.mark.parametrize('source', ['graphql', 'rest'])
@pytest.mark.parametrize('is_first_run', [True, False])
def test_a_list_without_end_that_says_it_is_long_is_abandoned(
    runs: Runs, source: str, is_first_run: bool
) -> None:
    """The account has 130 repositories, the list two thousand million."""
    if not is_first_run:
        runs.run(source=source)
        runs.next_day()
    template = _first_page(runs, source)
    for number in range(100):
        runs.simulator.faults.add(_endless(runs, source, template, number))
    result = runs.run(source=source, concurrency=1, is_full=True)
    (unread,) = result.unread
    assert 'does not end' in str(unread.error)
    assert 'reports 13' in str(unread.error)
    assert unread.requests < 20
    assert_ada_is_written(runs)


def _first_page(runs: Runs, source: str) -> dict[str, Any]:
    """Return the connection of a first page, by GraphQL."""
    if source == 'rest':
        return {}
    order = {'field': 'CREATED_AT', 'direction': 'ASC'}
    answer = requests.post(
        f'{runs.simulator.url}/graphql',
        json={
            'query': read_query('owner_repositories'),
            'variables': {'login': 'acme', 'first': 100, 'order': order},
        },
        headers={
            'Authorization': 'Bearer simulated-token',
            'User-Agent': 'x',
        },
    )
    owner = answer.json()['data']['repositoryOwner']
    return dict(owner['repositories'])


def _endless(
    runs: Runs, source: str, page: dict[str, Any], number: int
) -> faults.Fault:
    """Return a page that is followed by another one."""
    if source == 'rest':
        url = f'{runs.simulator.url}/orgs/acme/repos?n={number}&page'
        link = f'<{url}=2>; rel="next", <{url}=99999999>; rel="last"'
        return faults.Fault(headers={'Link': link}, last=1, **REST)
    cursor = encode_cursor((0.0, number))
    page |= {
        'totalCount': 2**31 - 1,
        'pageInfo': {'hasNextPage': True, 'endCursor': cursor},
    }
    return faults.replaced(
        (*LISTED, 'repositories'), json.dumps(page), last=1, **GRAPHQL
    )


def test_endless_languages_of_many_repositories_are_abandoned(
    runs: Runs,
) -> None:
    cursor = encode_cursor((10**12, 'A'))
    endless = json.dumps({'hasNextPage': True, 'endCursor': cursor})
    page = _first_page(runs, 'graphql')
    for node in page['nodes']:
        node['languages']['pageInfo'] = json.loads(endless)
    page['totalCount'] = 100
    page['pageInfo'] = {'hasNextPage': False, 'endCursor': None}
    runs.simulator.faults.add(
        faults.replaced(
            (*LISTED, 'repositories'), json.dumps(page), **GRAPHQL
        ),
        faults.replaced(
            ('data', 'node', 'languages', 'pageInfo'),
            endless,
            kind='graphql:other',
        ),
    )
    assert runs.run(concurrency=1).unread == []
    assert runs.simulator.requests['graphql:other'] == 30
    assert_ada_is_written(runs)


def test_endless_pages_are_abandoned(runs: Runs) -> None:
    """Each page links to a next one at a new address."""
    for number in range(60):
        link = f'{runs.simulator.url}/orgs/acme/repos?n={number}'
        runs.simulator.faults.add(
            faults.Fault(
                headers={'Link': f'<{link}>; rel="next"'},
                last=1,
                **REST,
            )
        )
    result = runs.run(source='rest', concurrency=1)
    (unread,) = result.unread
    assert 'does not end' in str(unread.error)
    assert unread.requests < 40
    assert_ada_is_written(runs)


def test_endless_languages_are_abandoned(runs: Runs) -> None:
    cursor = encode_cursor((10**12, 'A'))
    endless = json.dumps({'hasNextPage': True, 'endCursor': cursor})
    runs.simulator.faults.add(
        faults.replaced(
            (*NODE, 'languages', 'pageInfo'), endless, last=1, **GRAPHQL
        ),
        faults.replaced(
            ('data', 'node', 'languages', 'pageInfo'),
            endless,
            kind='graphql:other',
            last=100,
        ),
    )
    assert runs.run(concurrency=1).unread == []
    assert runs.simulator.requests['graphql:other'] <= 50
    assert_ada_is_written(runs)


def test_an_account_hidden_by_graphql_fails(
    runs: Runs,
) -> None:
    runs.run()
    runs.next_day()
    runs.simulator.faults.add(
        faults.replaced(LISTED, 'null', last=100, **GRAPHQL),
        faults.replaced(('type',), '"User"', kind='rest:account', last=100),
    )
    result = runs.run(concurrency=1, is_full=True)
    (unread,) = result.unread
    assert 'although the account exists' in str(unread.error)
    assert unread.requests == 2
    assert_ada_is_written(runs)


def test_after_a_fallback_the_run_log_names_rest_and_its_budget(
    runs: Runs,
) -> None:
    runs.simulator.faults.add(
        faults.refused(404, 'Not Found', kind='graphql:*')
    )
    assert runs.run(concurrency=1).unread == []
    ((source, left),) = runs.query(
        'select source, budget_left from pipeline_runs'
    )
    assert (source, left) == ('rest', _core_left(runs))
    assert runs.query(
        'select distinct source, budget_left < 5000 - requests'
        ' from pipeline_run_companies'
    ) == [('rest', True)]


def _core_left(runs: Runs) -> int:
    """Return the remaining REST budget on the simulated GitHub."""
    answer = requests.get(
        f'{runs.simulator.url}/rate_limit',
        headers={'Authorization': 'Bearer simulated-token', 'User-Agent': 'x'},
    )
    return int(answer.json()['resources']['core']['remaining'])


def _fail_at(name: str) -> Callable[..., None]:
    """Return a progress callback that raises an error at one company."""

    def report(company: str, *_: object) -> None:
        if company == name:
            raise KeyError('a\nmistake')

    return report


def _run_broken(runs: Runs, at: str) -> RunResult:
    runs.clock.set_to_now()
    return ingest(
        warehouse_at(runs.url),
        runs.settings,
        RunOptions(source='rest', as_of=runs.world.now),
        _fail_at(at),
        runs.clock,
    )


def test_an_unexpected_error_fails_only_its_company(runs: Runs) -> None:
    # the log level of another test must not filter the captured lines
    structlog.reset_defaults()
    with capture_logs() as lines:
        result = _run_broken(runs, 'acme')
    (unread,) = result.unread
    assert unread.error is not None and unread.error.isprintable()
    assert unread.error.startswith('unexpected error, KeyError: ')
    assert 'LOG_LEVEL=debug' in unread.error
    traces = [line for line in lines if 'traceback' in line]
    assert [line['log_level'] for line in traces] == ['debug']
    assert runs.query(
        'select company_name, count(*)'
        ' from repo_snapshots inner join companies using (company_id)'
        ' where observed_on = snapshot_date group by 1'
    ) == [('ada', 4)]


def test_an_unexpected_error_ends_a_run_in_one_line(runs: Runs) -> None:
    with pytest.raises(WarehouseError, match='unexpected error, KeyError'):
        _run_broken(runs, 'languages')
    ((status, error),) = runs.query('select status, error from pipeline_runs')
    assert status == 'failed' and error.startswith('unexpected error')


@pytest.mark.parametrize('level', ['info', 'debug'])
def test_an_unexpected_error_in_a_command_is_one_line(level: str) -> None:
    """A traceback goes only to the log, and only at debug level."""
    command = """
from github_warehouse import cli, logs
@cli.cli.command('broken')
def broken():
    logs.configure_logs('json', log_level=LEVEL)
    raise KeyError('so it is')
cli.main()
"""
    ended = subprocess.run(
        [
            sys.executable,
            '-c',
            command.replace('LEVEL', repr(level)),
            'broken',
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (1, '')
    *logged, message = ended.stderr.splitlines()
    assert message.startswith('github-warehouse: unexpected error, KeyError')
    assert ['"traceback"' in line for line in logged] == (
        [True] if level == 'debug' else []
    )
