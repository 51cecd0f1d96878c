"""The token is sent only to the configured host, in any spelling."""

import pytest

from github.conftest import Reading, settings_for
from github_simulator import faults
from github_warehouse.errors import AnswerError
from github_warehouse.github import accounts
from github_warehouse.github.budgets import open_session
from github_warehouse.github.client import Cost, GitHubClient
from github_warehouse.github.urls import origin

API = 'https://api.github.com'


@pytest.mark.parametrize(
    'written',
    [
        'https://API.GitHub.com/users/acme',
        'https://api.github.com:443/users/acme',
        'HTTPS://api.github.com/users/acme',
    ],
)
def test_the_same_host_written_differently_is_the_same(written: str) -> None:
    assert origin(written) == origin(API)


@pytest.mark.parametrize(
    'written',
    [
        'http://api.github.com/users/acme',
        'https://api.github.com:80/',
        'https://api.github.com:444/',
        'https://api.github.com@evil.example/',
        'https://user@api.github.com/',
        'https://user:word@api.github.com/',
        'https://api.github.com.evil.example/',
        'https://api.github.com\\@evil.example/',
        'https://api.github.com\\.evil.example/',
        'https:/api.github.com/',
        '//evil.example/',
    ],
)
def test_another_host_is_not_the_same(written: str) -> None:
    assert origin(written) != origin(API)


def test_a_redirect_to_the_same_host_in_capitals_is_followed(
    reading: Reading,
) -> None:
    """The host name of a URL is case-insensitive."""
    url = reading.simulator.url.replace('127.0.0.1', 'localhost')
    given = settings_for(url)
    reading.simulator.faults.add(
        faults.redirected(
            url.replace('localhost', 'LOCALHOST') + '/users/acme',
            kind='rest:account',
            last=1,
        )
    )
    with GitHubClient(given, reading.clock) as client:
        session = open_session(client, 'core', Cost())
        assert accounts.read_account(session, 'acme') == reading.acme


@pytest.mark.parametrize('port', ['99999', 'x', '-1'])
def test_an_invalid_port_is_refused(reading: Reading, port: str) -> None:
    reading.simulator.faults.add(
        faults.redirected(f'http://127.0.0.1:{port}/', kind='rest:account')
    )
    with pytest.raises(AnswerError, match='invalid URL'):
        accounts.read_account(reading.session, 'acme')
