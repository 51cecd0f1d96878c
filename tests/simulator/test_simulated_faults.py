"""Faults apply to the selected requests, as described."""

import subprocess
import sys
import time
from typing import Any

import pytest
import requests

from github_simulator import Simulator, World, faults
from github_simulator.errors import PortError

from .conftest import Client

TORVALDS = (
    '{ user(login: "torvalds") { repositories(first: 5) { nodes { id } } } }'
)


def statuses(client: Client, count: int = 5) -> list[int]:
    return [client.read('/users/google').status_code for _ in range(count)]


def test_a_fault_applies_to_a_range_of_requests(
    simulator: Simulator, client: Client
) -> None:
    fault = faults.refused(404, 'Not Found', first=2, last=3)
    simulator.faults.add(fault)
    assert statuses(client) == [200, 404, 404, 200, 200]
    simulator.faults.clear()
    simulator.faults.add(faults.server_error(first=2))
    assert statuses(client) == [200, 500, 500, 500, 500]


def test_random_faults_are_reproducible(
    simulator: Simulator, client: Client
) -> None:
    drawn = []
    for seed in (1, 1, 2):
        simulator.faults.clear()
        simulator.faults.add(faults.html_error(probability=0.5, seed=seed))
        drawn.append(statuses(client, 20))
    assert drawn[0] == drawn[1] != drawn[2]
    assert set(drawn[0]) == {200, 502}


def test_faults_match_by_kind_text_and_token(world: World) -> None:
    with (
        Simulator(world, tokens=('one', 'two')) as simulator,
        Client(simulator.url, 'one') as one,
        Client(simulator.url, 'two') as two,
    ):
        simulator.faults.add(
            faults.refused(451, 'by token', token='two'),
            faults.blocked(kind='rest:list', text=r'page=2\b'),
            faults.empty_body(kind='graphql:*', text='torvalds'),
        )
        assert one.read('/users/google').status_code == 200
        assert two.read('/users/google').json()['message'] == 'by token'
        assert one.read('/orgs/google/repos?page=1').status_code == 200
        answer = one.read('/orgs/google/repos?page=2')
        assert answer.status_code == 451
        assert answer.json()['block']['reason'] == 'dmca'
        empty = one.post(f'{one.url}/graphql', json={'query': TORVALDS})
        assert (empty.status_code, empty.content) == (200, b'')


def test_rate_limit_errors_look_like_github_s(
    simulator: Simulator, client: Client
) -> None:
    simulator.faults.add(
        faults.primary_limit(reset_in_seconds=7, last=1),
        faults.secondary_limit(retry_after_seconds=3, last=1),
        faults.secondary_limit(status=429, last=1),
    )
    primary, hinted, bare = (client.read('/users/google') for _ in range(3))
    assert primary.status_code == 403
    assert primary.headers['X-RateLimit-Remaining'] == '0'
    reset = int(primary.headers['X-RateLimit-Reset'])
    assert 0 < reset - time.time() <= 7
    assert primary.json()['message'].startswith('API rate limit exceeded')
    assert (hinted.status_code, hinted.headers['Retry-After']) == (403, '3')
    assert int(hinted.headers['X-RateLimit-Remaining']) > 0
    assert bare.status_code == 429
    assert 'Retry-After' not in bare.headers
    assert 'secondary rate limit' in bare.json()['message']


def test_bodies_and_connections_can_be_broken(
    simulator: Simulator, client: Client
) -> None:
    simulator.faults.add(
        faults.malformed_json(last=1),
        faults.html_error(503, last=1),
        faults.truncated_body(last=1),
        faults.reset_connection(last=1),
    )
    answer = client.read('/users/google')
    with pytest.raises(requests.exceptions.JSONDecodeError):
        answer.json()
    assert client.read('/users/google').text.startswith('<html>')
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        client.read('/users/google')
    with pytest.raises(requests.exceptions.ConnectionError):
        client.read('/users/google')
    assert client.read('/users/google').status_code == 200


def test_a_response_can_be_delayed(
    simulator: Simulator, client: Client
) -> None:
    simulator.faults.add(faults.hang(0.2, last=1), faults.hang(30))
    started = time.monotonic()
    assert client.read('/users/google').status_code == 200
    assert time.monotonic() - started >= 0.2
    with pytest.raises(requests.exceptions.ReadTimeout):
        client.get(f'{client.url}/users/google', timeout=0.1)
    # Stopping the simulator does not wait thirty seconds.


def test_redirects_and_partial_lists(
    simulator: Simulator, client: Client
) -> None:
    simulator.faults.add(
        faults.redirected('https://example.com/', kind='rest:account'),
        faults.partial_list(kind='rest:list'),
    )
    away = client.read('/users/google')
    assert (away.status_code, away.headers['Location']) == (
        302,
        'https://example.com/',
    )
    partial = client.read('/orgs/google/repos')
    assert partial.headers['X-GitHub-SSO'].startswith('partial-results')
    assert len(partial.json()) == 30


def test_graphql_times_out_above_a_page_size(
    simulator: Simulator, client: Client
) -> None:
    simulator.faults.add(faults.page_too_large(25, status=200))
    text = (
        'query ($first: Int!) { organization(login: "google") '
        '{ repositories(first: $first) { nodes { id } } } }'
    )
    late = client.query(text, first=26)
    assert late['data'] is None
    assert 'Something went wrong' in late['errors'][0]['message']
    assert 'errors' not in client.query(text, first=25)


def test_graphql_returns_partial_data(
    simulator: Simulator, client: Client
) -> None:
    path: tuple[Any, ...] = ('user', 'repositories', 'nodes', 1)
    simulator.faults.add(
        faults.graphql_error('RESOURCE_LIMITS_EXCEEDED', 'Too much', *path)
    )
    answer = client.query(TORVALDS)
    nodes = answer['data']['user']['repositories']['nodes']
    assert [node is None for node in nodes] == [
        False,
        True,
        False,
        False,
        False,
    ]
    assert answer['errors'] == [
        {
            'type': 'RESOURCE_LIMITS_EXCEEDED',
            'message': 'Too much',
            'path': list(path),
        }
    ]


def test_graphql_rate_limits_have_both_formats(
    simulator: Simulator, client: Client
) -> None:
    simulator.faults.add(faults.graphql_rate_limited())
    error = client.query(TORVALDS)['errors'][0]
    assert (error['type'], error['code']) == (
        'RATE_LIMIT',
        'graphql_rate_limit',
    )


def test_every_response_is_delayed_by_the_latency(world: World) -> None:
    with (
        Simulator(world, latency_seconds=0.1) as simulator,
        Client(simulator.url) as client,
    ):
        started = time.monotonic()
        client.read('/users/google')
        assert time.monotonic() - started >= 0.1


def test_a_port_in_use_is_refused(world: World, simulator: Simulator) -> None:
    port = int(simulator.url.rpartition(':')[2])
    with pytest.raises(PortError, match=f'127.0.0.1:{port} .* another port'):
        with Simulator(world, port=port):
            pass


def test_a_stopped_simulator_accepts_no_connections(world: World) -> None:
    with (
        Simulator(world) as simulator,
        Client(simulator.url) as client,
    ):
        client.read('/users/google')
        url = simulator.url
        simulator.__exit__(None, None, None)
        with pytest.raises(requests.exceptions.ConnectionError):
            client.get(f'{url}/users/google', timeout=5)
        simulator.__enter__()


def test_another_process_can_control_the_simulator(
    world: World, simulator: Simulator, client: Client
) -> None:
    state = client.read('/_simulator/state').json()
    assert state == world.truth()
    assert state['today'] == '2026-01-01'
    advanced = client.post(
        f'{client.url}/_simulator/advance', json={'days': 2}
    ).json()
    assert advanced['today'] == '2026-01-03' == world.today.isoformat()
    assert advanced['changes']['starred'] > 0
    client.post(
        f'{client.url}/_simulator/faults',
        json={'kind': 'rest:account', 'status': 500, 'body': 'oh'},
    )
    assert client.read('/users/google').text == 'oh'
    assert client.read('/_simulator/requests').json() == {'rest:account': 1}
    client.delete(f'{client.url}/_simulator/faults')
    assert client.read('/users/google').status_code == 200
    client.post(f'{client.url}/_simulator/requests/reset')
    assert client.read('/_simulator/requests').json() == {}


@pytest.mark.parametrize(
    ('path', 'body', 'expected'),
    [
        ('advance', {'days': -1}, 'cannot advance by -1 days'),
        ('advance', [1], 'must be a JSON object'),
        ('faults', {'nope': 1}, "'nope'"),
        ('faults', {'text': '('}, 'unterminated'),
    ],
)
def test_invalid_control_requests_are_refused(
    client: Client, path: str, body: object, expected: str
) -> None:
    answer = client.post(f'{client.url}/_simulator/{path}', json=body)
    assert answer.status_code == 400
    assert expected in answer.json()['message']


def test_other_control_paths_are_not_found(client: Client) -> None:
    assert client.read('/_simulator/stop').status_code == 404


def test_a_missing_graphql_core_is_reported_in_one_line() -> None:
    program = (
        "import sys; sys.modules['graphql'] = None\n"
        'import datetime\n'
        'from github_simulator.errors import SimulatorError\n'
        'from github_simulator import Simulator, World\n'
        'try:\n'
        '    Simulator(World(datetime.date(2026, 1, 1)))\n'
        'except SimulatorError as error:\n'
        '    sys.stdout.write(str(error))\n'
    )
    result = subprocess.run(
        [sys.executable, '-c', program],
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout == (
        'simulator: graphql is missing; '
        "install it with: pip install 'github-warehouse[simulator]', "
        'or [demo] for the demo'
    )
