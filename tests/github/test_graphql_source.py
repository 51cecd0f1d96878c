"""Reading with GraphQL, over real HTTP, with injected faults."""

import re
from dataclasses import replace

import pytest
import requests

from github.conftest import Reading, settings_for
from github_simulator import faults
from github_warehouse.errors import (
    AccountGoneError,
    AnswerError,
    ListIncompleteError,
    QueryRefusedError,
    TokenRefusedError,
    UnreachableError,
)
from github_warehouse.github import accounts
from github_warehouse.github.budgets import open_session
from github_warehouse.github.client import Cost, GitHubClient
from github_warehouse.github.urls import graphql_url
from github_warehouse.model import Account, KnownRepository


def test_a_company_is_read_in_pages_of_a_hundred(reading: Reading) -> None:
    assert reading.read_ids() == reading.expected_ids()
    assert reading.simulator.requests == {'graphql:repositories': 3}
    assert reading.session.cost.requests == 3
    assert reading.session.cost.points == 3
    assert reading.session.budget_left == 4997


@pytest.mark.parametrize(
    'fault',
    [
        faults.server_error(500, last=4),
        faults.html_error(503, last=4),
        faults.malformed_json(last=4),
        faults.truncated_body(last=4),
        faults.empty_body(last=4),
        faults.reset_connection(last=4),
    ],
    ids=['500', '503', 'malformed', 'truncated', 'empty', 'reset'],
)
def test_temporary_errors_are_retried(
    reading: Reading, fault: faults.Fault
) -> None:
    reading.simulator.faults.add(fault)
    assert reading.read_ids() == reading.expected_ids()
    waits = reading.clock.waits
    assert len(waits) == 4
    assert all(2**n <= w <= 2**n + 1 for n, w in enumerate(waits, 1))


def test_a_lasting_error_fails_after_five_tries(
    reading: Reading,
) -> None:
    reading.simulator.faults.add(faults.server_error(500))
    with pytest.raises(UnreachableError, match='in 5 attempts: 500'):
        reading.read_ids()
    assert reading.session.cost.requests == 5


@pytest.mark.parametrize('status', [200, 502])
def test_a_page_that_is_too_large_is_halved(
    reading: Reading, status: int
) -> None:
    reading.simulator.faults.add(
        faults.page_too_large(30)
        if status == 502
        else faults.graphql_timeout(200, page_size_above=30)
    )
    assert reading.read_ids() == reading.expected_ids()
    assert reading.session.cost.requests > 10


def test_a_page_of_one_that_is_too_large_fails(
    reading: Reading,
) -> None:
    reading.simulator.faults.add(faults.graphql_timeout())
    with pytest.raises(QueryRefusedError, match='page of one'):
        reading.read_ids()
    assert reading.session.cost.requests == 7


def test_partial_data_is_kept_and_reported(reading: Reading) -> None:
    reading.simulator.faults.add(
        faults.graphql_error(
            'FORBIDDEN',
            'Resource protected by organization SAML enforcement.',
            'repositoryOwner',
            'repositories',
            'nodes',
            3,
            first=2,
            last=2,
        )
    )
    seen = []
    with pytest.raises(ListIncompleteError, match='SAML') as raised:
        for observation in reading.source.observations(reading.acme, None):
            seen.append(observation.repo_id)
    assert 'acme' in str(raised.value)
    expected = reading.expected_ids()
    assert set(seen) == set(expected) - {expected[103]}


def test_a_refused_token_is_reported_by_its_setting(
    reading: Reading,
) -> None:
    refused = settings_for(reading.simulator.url, 'wrong-token')
    with GitHubClient(refused) as client:
        session = open_session(client, 'core', Cost())
        with pytest.raises(TokenRefusedError, match='GITHUB_TOKEN') as raised:
            accounts.read_account(session, 'acme')
    assert 'wrong-token' not in str(raised.value)


def test_a_forbidden_request_is_not_retried(reading: Reading) -> None:
    reading.simulator.faults.add(
        faults.refused(403, 'Resource not accessible by integration')
    )
    with pytest.raises(AnswerError, match='not accessible by integration'):
        reading.read_ids()
    assert reading.session.cost.requests == 1


def test_a_renamed_account_is_found_by_its_id(reading: Reading) -> None:
    before = reading.acme
    reading.simulator.world.rename_account(before.account_id, 'acme-two')
    names = {
        o.full_name.split('/')[0]
        for o in reading.source.observations(before, None)
    }
    assert names == {'acme-two'}
    assert reading.source.account == replace(before, login='acme-two')


def test_a_deleted_account_fails_its_company(reading: Reading) -> None:
    before = reading.acme
    reading.simulator.world.remove_account(before.account_id)
    with pytest.raises(AccountGoneError, match='carried forward'):
        list(reading.source.observations(before, None))


def test_a_reused_login_is_not_read_as_the_old_account(
    reading: Reading,
) -> None:
    with pytest.raises(AccountGoneError):
        list(
            reading.source.observations(
                Account(1, 'acme', 'Organization'), None
            )
        )


def test_repositories_are_looked_up_by_id(reading: Reading) -> None:
    world = reading.simulator.world
    here, gone, hidden = reading.expected_ids()[:3]
    missing = [
        _known(i, world.repositories[i].node_id) for i in (here, gone, hidden)
    ]
    world.vanish(gone)
    world.set_visibility(hidden, 'private')
    found = list(reading.source.look_up(missing))
    assert [o and o.repo_id for o in found] == [here, None, None]
    assert reading.session.cost.requests == 1


def test_repositories_are_looked_up_over_rest_if_graphql_fails(
    reading: Reading,
) -> None:
    here, gone = reading.expected_ids()[:2]
    reading.simulator.world.vanish(gone)
    missing = [_known(i, None) for i in (here, gone)]
    found = list(reading.source.look_up(missing))
    assert [o and o.repo_id for o in found] == [here, None]
    assert found[0] is not None and found[0].languages is None


def test_all_languages_are_read_however_many(reading: Reading) -> None:
    repository = reading.expected_ids()[0]
    languages = {f'Language {n:03}': 1000 - n for n in range(230)}
    reading.simulator.world.set_languages(repository, languages)
    first = next(reading.source.observations(reading.acme, None))
    assert first.languages == languages


@pytest.mark.parametrize(
    ('field', 'value'),
    [
        ('stargazerCount', '"many"'),
        ('stargazerCount', '-1'),
        ('createdAt', '"yesterday"'),
        ('name', 'null'),
    ],
)
def test_values_of_the_wrong_type_are_refused(
    reading: Reading, field: str, value: str
) -> None:
    answers: list[bytes] = []

    def spoil(
        response: requests.Response, *args: object, **kwargs: object
    ) -> None:
        spoilt = re.sub(
            rb'"%s":("[^"]*"|\d+)' % field.encode(),
            b'"%s":%s' % (field.encode(), value.encode()),
            response.content,
        )
        answers.append(spoilt)
        response._content = spoilt

    reading.client._transport._http.hooks['response'].append(spoil)
    with pytest.raises(ListIncompleteError, match='GitHub returned'):
        reading.read_ids()


@pytest.mark.parametrize(
    'body',
    [
        '{"data":{},"errors":["x"]}',
        '{"data":null,"errors":"boom"}',
        '{"data":{"rateLimit":5}}',
        '{"data":{"rateLimit":{"cost":"x"}}}',
        '{"data":{"repositoryOwner":{"login":"acme"}}}',
        '{"data":{"repositoryOwner":7}}',
        '[]',
        '7',
    ],
)
def test_a_response_of_another_shape_fails_the_company(
    reading: Reading, body: str
) -> None:
    reading.simulator.faults.add(faults.Fault(status=200, body=body))
    with pytest.raises(AnswerError) as raised:
        reading.read_ids()
    assert len(str(raised.value).splitlines()) == 1


def test_a_redirected_query_fails_the_company(
    reading: Reading,
) -> None:
    reading.simulator.faults.add(
        faults.redirected('http://elsewhere.example/', kind='graphql:*'),
        faults.redirected('http://[bad/', kind='rest:*'),
    )
    with pytest.raises(QueryRefusedError, match='there is no GraphQL at'):
        reading.read_ids()
    with pytest.raises(AnswerError, match='invalid URL'):
        accounts.read_account(reading.session, 'acme')


@pytest.mark.parametrize('field', ['languages', 'primaryLanguage', 'issues'])
def test_a_repository_with_an_error_is_left_out(
    reading: Reading, field: str
) -> None:
    """It is not stored with values missing that GitHub failed to return."""
    reading.simulator.faults.add(
        faults.graphql_error(
            'INTERNAL',
            'oops',
            'repositoryOwner',
            'repositories',
            'nodes',
            3,
            field,
            last=1,
        )
    )
    seen = []
    with pytest.raises(ListIncompleteError, match='oops'):
        for observation in reading.source.observations(reading.acme, None):
            seen.append(observation.repo_id)
    expected = reading.expected_ids()
    assert seen == expected[:3] + expected[4:]


def test_localhost_is_requested_without_a_proxy(
    reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('HTTP_PROXY', 'http://127.0.0.1:9')
    monkeypatch.setenv('http_proxy', 'http://127.0.0.1:9')
    monkeypatch.delenv('NO_PROXY')
    monkeypatch.delenv('no_proxy')
    assert reading.read_ids() == reading.expected_ids()


def test_the_token_is_sent_only_to_the_configured_host(
    reading: Reading,
) -> None:
    reading.simulator.faults.add(
        faults.redirected('http://localhost:9/users/acme', kind='rest:account')
    )
    with pytest.raises(AnswerError, match='redirects to another host'):
        accounts.read_account(reading.session, 'acme')
    assert reading.session.cost.requests == 1


def test_a_renamed_repository_is_followed_on_the_same_host(
    reading: Reading,
) -> None:
    reading.simulator.faults.add(
        faults.redirected('/user/1', kind='rest:account', last=1)
    )
    assert accounts.read_account(reading.session, 'acme') is None
    assert reading.session.cost.requests == 2


@pytest.mark.parametrize(
    ('api_url', 'expected'),
    [
        ('https://api.github.com', 'https://api.github.com/graphql'),
        ('https://ghe.example/api/v3', 'https://ghe.example/api/graphql'),
    ],
)
def test_the_graphql_url_follows_the_api_url(
    api_url: str, expected: str
) -> None:
    assert graphql_url(api_url) == expected


def test_an_enterprise_server_is_read_under_its_path(
    reading: Reading,
) -> None:
    settings = settings_for(f'{reading.simulator.url}/api/v3')
    with GitHubClient(settings) as client:
        session = open_session(client, 'core', Cost())
        account = accounts.read_account(session, 'ACME')
    assert account == reading.acme


def _known(repo_id: int, node_id: str | None) -> KnownRepository:
    return KnownRepository(
        repo_id, node_id, False, 'a/b', 0, None, False, False
    )
