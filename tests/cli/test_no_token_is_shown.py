"""Tokens do not appear in any output, wherever they come from."""

from contextlib import closing
from pathlib import Path

import pytest

from cli.conftest import Command
from github_simulator import Simulator, faults
from support import open_database

TOKEN = 'ghp_0123456789abcdefghijABCDEFGHIJ012345'
OTHERS = 'ghs_somebodyelses0123456789ABCDEFGHIJ012'
# App tokens since 2026-04-27: the part after the first dot is secret, too.
APPS = f'ghs_1234567_eyJhbGciOiJSUzI1NiJ9.{"eyJpc3MiOiIx-_" * 30}.{"c2ln" * 9}'
ODD = 'odd-token-of-an-old-enterprise-server'

FAULTS = {
    'message': faults.refused(
        403, f'no access for {TOKEN}, {ODD}, {OTHERS}, {APPS}'
    ),
    'graphql message': faults.graphql_error(
        'FORBIDDEN', f'{TOKEN} {ODD}', 'repositoryOwner'
    ),
    'refused query': faults.Fault(
        kind='graphql:*',
        status=200,
        body='{"errors":[{"message":"%s is no good, %s"}]}' % (TOKEN, ODD),
    ),
    '401': faults.refused(401, f'Bad credentials: {TOKEN} {ODD}'),
    'limit': faults.Fault(
        status=429,
        headers={'Retry-After': '3600'},
        body='{"message":"%s %s"}' % (TOKEN, ODD),
    ),
    'page': faults.Fault(
        kind='*:*s*', status=500, body=f'<html>{TOKEN} {ODD}</html>', last=1
    ),
    'request id': faults.Fault(
        status=404, headers={'X-GitHub-Request-Id': f'{TOKEN} {ODD}'}
    ),
    'request id of a refusal': faults.Fault(
        status=422, headers={'X-GitHub-Request-Id': f'{TOKEN} {ODD}'}
    ),
    'redirection': faults.redirected(f'http://{ODD}.example/{TOKEN}'),
    'redirection within': faults.redirected(f'/{ODD}/{TOKEN}'),
    'wrong types': faults.Fault(
        kind='*:*s*',
        status=200,
        body='{"data":{"repositoryOwner":"%s %s"}}' % (TOKEN, ODD),
        last=1,
    ),
    'link': faults.Fault(
        kind='rest:list',
        headers={'Link': f'<http://{ODD}.example/{TOKEN}>; rel="next"'},
    ),
}
BY_GRAPHQL = {
    'graphql message',
    'refused query',
    '401',
    'limit',
    'wrong types',
}


@pytest.mark.parametrize('name', sorted(FAULTS))
def test_a_token_in_a_response_is_not_shown(
    command: Command,
    simulator: Simulator,
    warehouse_url: str,
    name: str,
) -> None:
    source = 'graphql' if name in BY_GRAPHQL else 'rest'
    settings = {
        'WAREHOUSE_URL': warehouse_url,
        'GITHUB_API_URL': simulator.url,
        'GITHUB_TOKEN': f'{TOKEN},{ODD}',
        'GITHUB_CONCURRENCY': '1',
        'LOG_FORMAT': 'json',
    }
    tracking = settings | {'GITHUB_TOKEN': 'simulated-token'}
    assert command('track', 'acme', **tracking).returncode == 0
    simulator.faults.add(faults.hang(0, kind='rest:rate_limit'), FAULTS[name])
    simulator._service.tokens = (TOKEN, ODD)
    done = command('ingest', '--source', source, **settings)
    shown = done.stdout + done.stderr + _stored(warehouse_url)
    assert 'phase starts' in shown
    for token in (TOKEN, ODD, OTHERS, APPS.split('.')[1]):
        assert token not in shown


def test_a_token_in_companies_is_not_sent(
    command: Command, simulator: Simulator, warehouse_url: str
) -> None:
    settings = {
        'WAREHOUSE_URL': warehouse_url,
        'GITHUB_API_URL': simulator.url,
        'COMPANIES': f'acme,{TOKEN}',
    }
    for done in (
        command('ingest', **settings),
        command('track', TOKEN, **settings | {'COMPANIES': 'acme'}),
        command('ingest', TOKEN, **settings | {'COMPANIES': 'acme'}),
    ):
        assert done.returncode == 2
        assert TOKEN not in done.stdout + done.stderr
        assert 'GITHUB_TOKEN' in done.stderr
    assert simulator.requests == {}


@pytest.mark.parametrize(
    'name', ['GITHUB_API_URL', 'LOG_FORMAT', 'MAX_WAIT_MINUTES']
)
def test_a_token_in_another_setting_is_not_shown(
    command: Command, tmp_path: Path, name: str
) -> None:
    done = command(
        'status', **{'WAREHOUSE_DIR': str(tmp_path / 'w'), name: TOKEN}
    )
    assert done.returncode == 2
    assert TOKEN not in done.stdout + done.stderr


def _stored(url: str) -> str:
    """Return all rows of the run log as text."""
    with closing(open_database(url)) as connection:
        with closing(connection.cursor()) as cursor:
            stored = ''
            for table in ('pipeline_runs', 'pipeline_run_companies'):
                cursor.execute(f'select * from {table}')
                stored += str(cursor.fetchall())
            return stored
