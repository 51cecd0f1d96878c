"""Reading with REST, over real HTTP, with injected faults."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import pytest

from github.conftest import connected, settings_for
from github_simulator import Simulator, faults
from github_warehouse.errors import (
    AccountGoneError,
    AnswerError,
    ListIncompleteError,
    MalformedError,
)
from github_warehouse.github.budgets import open_session
from github_warehouse.github.client import Cost, GitHubClient
from github_warehouse.github.records import is_public, read_languages
from github_warehouse.github.rest import RestSource
from github_warehouse.github.session import GitHubSession
from github_warehouse.github.source import SourceName, make_source
from github_warehouse.metrics import METRICS
from github_warehouse.model import Account, RepoObservation


@dataclass
class Reading:
    """A REST source and the simulated GitHub that it reads."""

    simulator: Simulator
    session: GitHubSession
    source: RestSource

    def account(self, login: str) -> Account:
        """Return the account of a login."""
        accounts = self.simulator.world.accounts.values()
        found = next(a for a in accounts if a.login == login)
        return Account(found.id, found.login, found.account_type)

    def read(self, login: str = 'acme') -> list[RepoObservation]:
        """Read all observations of an account."""
        return list(self.source.observations(self.account(login), None))

    def public_ids(self, login: str = 'acme') -> set[int]:
        """Return the ids of an account's public repositories."""
        owner = self.account(login).account_id
        repositories = self.simulator.world.repositories.values()
        return {
            r.id for r in repositories if r.owner_id == owner and r.is_public
        }


@pytest.fixture
def reading() -> Iterator[Reading]:
    """A source for an organization and a user who collaborates."""
    with connected('acme:230,ada:8:user') as (simulator, client, _):
        session = open_session(client, 'core', Cost())
        yield Reading(simulator, session, RestSource(session))


@pytest.mark.parametrize(('login', 'pages'), [('acme', 5), ('ada', 1)])
def test_an_account_is_read_page_by_page_through_links(
    reading: Reading, login: str, pages: int
) -> None:
    observed = reading.read(login)
    assert {o.repo_id for o in observed} == reading.public_ids(login)
    assert len(observed) == len(reading.public_ids(login))
    assert reading.simulator.requests == {'rest:list': pages}


def test_rest_and_graphql_observations_are_equal(reading: Reading) -> None:
    """Except for languages and for metrics that one source lacks."""
    by_graphql = make_source('graphql', reading.session)
    acme = reading.account('acme')
    assert sorted(
        map(_of_both, by_graphql.observations(acme, None)), key=_repo_id
    ) == sorted(map(_of_both, reading.read()), key=_repo_id)


def _of_both(observation: RepoObservation) -> RepoObservation:
    metrics = {
        metric.name: observation.metrics[metric.name]
        for metric in METRICS
        if metric.rest and metric.graphql
    }
    return replace(observation, metrics=metrics, languages=None)


@pytest.mark.parametrize('source', ['graphql', 'rest'])
def test_only_repositories_changed_since_a_time_are_read(
    reading: Reading, source: SourceName
) -> None:
    world = reading.simulator.world
    acme = reading.account('acme')
    starred, pushed, quiet = sorted(reading.public_ids())[:3]
    world.today = date(2026, 3, 20)
    world.star(starred)
    world.push(pushed)
    world.move_silently(quiet)
    reader = make_source(source, reading.session)
    since = datetime(2026, 3, 10, tzinfo=UTC)
    observed = [o.repo_id for o in reader.observations(acme, since)]
    assert sorted(observed) == [starred, pushed]
    assert reading.session.cost.requests == 2


def test_an_enterprise_server_is_read_under_its_path(
    reading: Reading,
) -> None:
    settings = settings_for(f'{reading.simulator.url}/api/v3')
    with GitHubClient(settings) as client:
        session = open_session(client, 'core', Cost())
        source = RestSource(session)
        observed = list(source.observations(reading.account('acme'), None))
        languages = [
            read_languages(session, each.repo_id, each.full_name)
            for each in observed[:5]
        ]
    assert {o.repo_id for o in observed} == reading.public_ids()
    assert languages == [
        reading.simulator.world.repositories[o.repo_id].languages
        for o in observed[:5]
    ]


def test_a_login_is_found_in_any_case(reading: Reading) -> None:
    acme = replace(reading.account('acme'), login='ACME')
    observed = list(reading.source.observations(acme, None))
    assert {o.repo_id for o in observed} == reading.public_ids()
    assert reading.source.account == reading.account('acme')


def test_a_renamed_account_is_found_by_its_id(reading: Reading) -> None:
    before = reading.account('acme')
    reading.simulator.world.rename_account(before.account_id, 'acme-two')
    observed = list(reading.source.observations(before, None))
    assert {o.owner.login for o in observed} == {'acme-two'}


@pytest.mark.parametrize('login', ['acme', 'ada'])
def test_a_deleted_account_fails_its_company(
    reading: Reading, login: str
) -> None:
    before = reading.account(login)
    reading.simulator.world.remove_account(before.account_id)
    with pytest.raises(AccountGoneError):
        list(reading.source.observations(before, None))


def test_an_account_without_repositories_is_empty(reading: Reading) -> None:
    for repo_id in reading.public_ids('ada'):
        reading.simulator.world.vanish(repo_id)
    assert reading.read('ada') == []


def test_a_partial_list_is_incomplete(reading: Reading) -> None:
    reading.simulator.faults.add(faults.partial_list())
    with pytest.raises(ListIncompleteError, match='SAML'):
        reading.read()


def test_a_list_that_breaks_off_fails_its_company(reading: Reading) -> None:
    reading.simulator.faults.add(
        faults.refused(404, 'Not Found', kind='rest:list', first=4)
    )
    with pytest.raises(AnswerError, match='ended early'):
        reading.read()


def test_an_account_without_a_count_is_requested_once(
    reading: Reading,
) -> None:
    """The list has no link to a last page that gives its length."""
    url = f'{reading.simulator.url}/orgs/acme/repos?type=all&sort=created'
    for page in (2, 1):
        link = f'<{url}&direction=asc&per_page=100&page={page + 1}>'
        reading.simulator.faults.add(
            faults.Fault(
                kind='rest:list',
                text=f'&page={page}\\b' if page > 1 else 'per_page=100\n',
                headers={'Link': f'{link}; rel="next"'},
            )
        )
    reading.simulator.faults.add(
        faults.refused(404, 'Not Found', text='/users/acme')
    )
    observed = reading.read()
    assert {o.repo_id for o in observed} == reading.public_ids()
    assert reading.simulator.requests == {'rest:list': 4, 'rest:account': 1}


@pytest.mark.parametrize(
    ('record', 'public'),
    [
        ({'private': False}, True),
        ({'private': True}, False),
        ({'private': False, 'visibility': None}, True),
        ({'private': None, 'visibility': 'public'}, True),
        ({'visibility': 'public'}, True),
        ({'private': False, 'visibility': 'internal'}, False),
        ({'private': True, 'visibility': 'public'}, False),
        ({'private': None, 'visibility': 'private'}, False),
        ({'private': None}, None),
        ({'private': 0}, None),
        ({}, None),
    ],
)
def test_visibility_decides_whether_a_repository_is_public(
    record: dict[str, object], public: bool | None
) -> None:
    """Every server returns `private`; old servers return no `visibility`."""
    if public is None:
        with pytest.raises(MalformedError, match='whether .* is public'):
            is_public(record)
    else:
        assert is_public(record) == public


def test_a_possibly_private_repository_is_not_observed(
    reading: Reading,
) -> None:
    observed = {o.repo_id for o in reading.read('ada')}
    first = min(observed)
    record = {'id': first, 'full_name': 'ada/x', 'private': None}
    reading.simulator.faults.add(
        faults.replaced((0,), json.dumps(record), kind='rest:list')
    )
    seen = []
    with pytest.raises(ListIncompleteError, match="whether 'ada/x' is public"):
        for each in reading.source.observations(reading.account('ada'), None):
            seen.append(each.repo_id)
    assert observed - set(seen) == {first}


def _repo_id(observation: RepoObservation) -> int:
    return observation.repo_id
