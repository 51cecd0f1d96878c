"""Reading by REST, over real HTTP, with faults scripted."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import pytest

from github.conftest import settings_for
from github_warehouse.errors import (
    AccountGoneError,
    AnswerError,
    ListIncompleteError,
    TokenRefusedError,
)
from github_warehouse.github.rest import RestSource
from github_warehouse.github.session import GitHubSession
from github_warehouse.github.source import choose_source
from github_warehouse.model import Account, RepoObservation
from github_warehouse.simulator import Simulator, World, faults, parse_accounts


@dataclass
class Reading:
    """A REST source, and what it reads."""

    simulator: Simulator
    session: GitHubSession
    source: RestSource

    def account(self, login: str) -> Account:
        """The account of a login."""
        accounts = self.simulator.world.accounts.values()
        found = next(a for a in accounts if a.login == login)
        return Account(found.id, found.login, found.account_type)

    def read(self, login: str = 'acme') -> list[RepoObservation]:
        """Read an account whole."""
        return list(self.source.observations(self.account(login), None))

    def public_ids(self, login: str = 'acme') -> set[int]:
        """The ids of an account's public repositories."""
        owner = self.account(login).account_id
        repositories = self.simulator.world.repositories.values()
        return {
            r.id for r in repositories if r.owner_id == owner and r.is_public
        }


@pytest.fixture
def reading() -> Iterator[Reading]:
    """A source on an organisation, and on a user who collaborates."""
    specs = parse_accounts('acme:230,ada:8:user')
    world = World.generate(specs, today=date(2026, 3, 1))
    with (
        Simulator(world) as simulator,
        GitHubSession(
            settings_for(simulator.url), lambda seconds: None
        ) as session,
    ):
        yield Reading(simulator, session, RestSource(session, 8))


@pytest.mark.parametrize(('login', 'pages'), [('acme', 3), ('ada', 1)])
def test_an_account_is_read_by_its_links(
    reading: Reading, login: str, pages: int
) -> None:
    observed = reading.read(login)
    assert {o.repo_id for o in observed} == reading.public_ids(login)
    assert len(observed) == len(reading.public_ids(login))
    assert reading.simulator.requests == {'rest:list': pages}


def test_observations_equal_those_of_graphql(reading: Reading) -> None:
    by_graphql = choose_source(
        settings_for(reading.simulator.url), reading.session, 'auto'
    )
    acme = reading.account('acme')
    assert by_graphql.name == 'graphql'
    assert [
        replace(observation, languages=None)
        for observation in by_graphql.observations(acme, None)
    ] == reading.read()


@pytest.mark.parametrize('source', ['graphql', 'rest'])
def test_only_what_changed_since_a_time_is_read(
    reading: Reading, source: str
) -> None:
    world = reading.simulator.world
    acme = reading.account('acme')
    starred, pushed, quiet = sorted(reading.public_ids())[:3]
    world.today = date(2026, 3, 20)
    world.star(starred)
    world.push(pushed)
    world.move_silently(quiet)
    reader = choose_source(
        settings_for(reading.simulator.url), reading.session, source
    )
    since = datetime(2026, 3, 10, tzinfo=UTC)
    observed = [o.repo_id for o in reader.observations(acme, since)]
    assert sorted(observed) == [starred, pushed]
    assert reading.session.requests_sent == 2


def test_an_enterprise_server_is_read_below_its_path(
    reading: Reading,
) -> None:
    settings = settings_for(f'{reading.simulator.url}/api/v3')
    with GitHubSession(settings) as session:
        source = RestSource(session, 2)
        observed = list(source.observations(reading.account('acme'), None))
        names = [observation.full_name for observation in observed[:5]]
        languages = list(source.languages(names))
    assert {o.repo_id for o in observed} == reading.public_ids()
    assert languages == [
        reading.simulator.world.repositories[o.repo_id].languages
        for o in observed[:5]
    ]


def test_a_login_is_found_in_any_case(reading: Reading) -> None:
    acme = replace(reading.account('acme'), login='ACME')
    observed = list(reading.source.observations(acme, None))
    assert {o.repo_id for o in observed} == reading.public_ids()
    assert reading.source.accounts[acme.account_id].login == 'acme'


def test_a_renamed_account_is_found_by_its_id(reading: Reading) -> None:
    before = reading.account('acme')
    reading.simulator.world.rename_account(before.account_id, 'acme-two')
    observed = list(reading.source.observations(before, None))
    assert {o.owner.login for o in observed} == {'acme-two'}


@pytest.mark.parametrize('login', ['acme', 'ada'])
def test_an_account_that_is_gone_fails_its_company(
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


def test_a_list_that_is_shown_in_part_is_incomplete(reading: Reading) -> None:
    reading.simulator.faults.add(faults.partial_list())
    with pytest.raises(ListIncompleteError, match='SAML'):
        reading.read()


def test_a_list_that_breaks_off_fails_its_company(reading: Reading) -> None:
    reading.simulator.faults.add(
        faults.refused(404, 'Not Found', kind='rest:list', first=2)
    )
    with pytest.raises(AnswerError, match='broke off'):
        reading.read()


def test_languages_that_cannot_be_read_are_left_out(reading: Reading) -> None:
    first, gone, blocked, failing = reading.read()[:4]
    reading.simulator.world.vanish(gone.repo_id)
    reading.simulator.faults.add(
        faults.blocked(text=f'{blocked.name}/languages'),
        faults.server_error(500, text=f'{failing.name}/languages'),
    )
    names = [o.full_name for o in (first, gone, blocked, failing)]
    true = reading.simulator.world.repositories[first.repo_id].languages
    assert list(reading.source.languages(names)) == [true, None, None, None]


def test_no_more_languages_are_read_than_the_budget_allows(
    reading: Reading,
) -> None:
    names = [observation.full_name for observation in reading.read()]
    reading.session.budget_left = 5
    assert len(list(reading.source.languages(names))) == 5


def test_a_refused_token_stops_the_reading_of_languages(
    reading: Reading,
) -> None:
    names = [observation.full_name for observation in reading.read()]
    reading.simulator.faults.add(faults.refused(401, 'Bad credentials'))
    with pytest.raises(TokenRefusedError):
        list(reading.source.languages(names))
