"""Lists that change while they are read lose and duplicate nothing."""

from collections.abc import Callable

import pytest

from github.conftest import connected
from github_simulator import Simulator, World, faults
from github_warehouse.errors import AnswerError, ListIncompleteError
from github_warehouse.github.budgets import open_session
from github_warehouse.github.client import Cost, GitHubClient
from github_warehouse.github.source import RESOURCES, SourceName, make_source
from github_warehouse.model import Account

SOURCES = pytest.mark.parametrize('source', ['graphql', 'rest'])
Change = Callable[[World, list[int]], None]


def _vanish_early(world: World, ids: list[int]) -> None:
    world.vanish(ids[10])


def _vanish_late(world: World, ids: list[int]) -> None:
    world.vanish(ids[240])


def _hide(world: World, ids: list[int]) -> None:
    world.set_visibility(ids[5], 'private')


def _transfer_in(world: World, ids: list[int]) -> None:
    acme, other = list(world.accounts)
    theirs = [r for r in world.repositories.values() if r.owner_id == other]
    oldest = min(theirs, key=lambda r: r.created_at)
    world.transfer(oldest.id, acme)


def _vanish_across_pages(world: World, ids: list[int]) -> None:
    for place in (3, 110, 111, 220):
        world.vanish(ids[place])


def _touch(world: World, ids: list[int]) -> None:
    for place in (3, 150, 260):
        world.star(ids[place])


def _create(world: World, ids: list[int]) -> None:
    for number in range(60):
        world.create(next(iter(world.accounts)), f'new-{number}')


CHANGES: list[Change] = [
    _vanish_early,
    _vanish_late,
    _hide,
    _transfer_in,
    _vanish_across_pages,
    _touch,
    _create,
]


def _acme(simulator: Simulator) -> Account:
    account = next(iter(simulator.world.accounts.values()))
    return Account(account.id, account.login, account.account_type)


def _public(simulator: Simulator) -> list[int]:
    owner = _acme(simulator).account_id
    owned = [
        r
        for r in simulator.world.repositories.values()
        if r.owner_id == owner and r.is_public
    ]
    return [r.id for r in sorted(owned, key=lambda r: (r.created_at, r.id))]


def _read(
    simulator: Simulator,
    client: GitHubClient,
    source: SourceName,
    change: Change | None = None,
) -> tuple[list[int], str | None]:
    """Read a company and change the world after fifty repositories."""
    session = open_session(client, RESOURCES[source], Cost())
    seen: list[int] = []
    before = _public(simulator)
    try:
        for observation in make_source(source, session).observations(
            _acme(simulator), None
        ):
            seen.append(observation.repo_id)
            if len(seen) == 50 and change is not None:
                change(simulator.world, before)
    except ListIncompleteError as error:
        return seen, str(error)
    return seen, None


@SOURCES
@pytest.mark.parametrize('change', CHANGES)
def test_unmoved_repositories_are_read_exactly_once(
    source: SourceName, change: Change
) -> None:
    with connected('acme:330,globex:20') as (simulator, client, _):
        before = set(_public(simulator))
        seen, _ = _read(simulator, client, source, change)
        assert len(seen) == len(set(seen))
        assert before & set(_public(simulator)) <= set(seen)


def test_an_unchanged_list_is_read_once() -> None:
    with connected('acme:330') as (simulator, client, _):
        seen, problem = _read(simulator, client, 'rest')
        assert set(seen) == set(_public(simulator)) and problem is None
        # four pages, after a first request that returns the last page number
        assert simulator.requests == {'rest:list': 6}


@pytest.mark.parametrize(
    'fault',
    [
        faults.missing_link(kind='rest:list'),
        faults.missing_link(kind='rest:list', text='page=2'),
        faults.Fault(
            kind='rest:list',
            text='page=2',
            body='[]',
            removed_headers=('Link',),
        ),
        faults.Fault(kind='rest:list', text='page=4', body='[]'),
    ],
    ids=['no link at all', 'a link missing', 'an empty page', 'an empty end'],
)
def test_a_list_that_ends_early_is_incomplete(fault: faults.Fault) -> None:
    with connected('acme:330') as (simulator, client, _):
        simulator.faults.add(fault)
        seen, problem = _read(simulator, client, 'rest')
        assert len(seen) == len(set(seen)) < 330
        assert 'nothing was removed' in str(problem)


def test_a_list_that_ends_early_once_is_read_again() -> None:
    with connected('acme:330') as (simulator, client, _):
        simulator.faults.add(
            faults.missing_link(kind='rest:list', first=3, last=3)
        )
        seen, problem = _read(simulator, client, 'rest')
        assert set(seen) == set(_public(simulator)) and problem is None


def test_a_list_of_exactly_one_page_needs_no_link() -> None:
    with connected('acme:100') as (simulator, client, _):
        for repository in simulator.world.repositories.values():
            simulator.world.set_visibility(repository.id, 'public')
        for surplus in _public(simulator)[100:]:
            simulator.world.vanish(surplus)
        seen, problem = _read(simulator, client, 'rest')
        assert len(seen) == 100 and problem is None


def test_a_list_with_a_link_loop_fails_its_company() -> None:
    with connected('acme:330') as (simulator, client, _):
        first = f'{simulator.url}/orgs/acme/repos'
        path = '?type=all&sort=created&direction=asc&per_page=100'
        simulator.faults.add(
            faults.Fault(
                kind='rest:list',
                text='page=2',
                headers={'Link': f'<{first}{path}>; rel="next"'},
            )
        )
        with pytest.raises(AnswerError, match='has a loop'):
            _read(simulator, client, 'rest')


@SOURCES
def test_a_repository_without_owner_or_id_is_left_out(
    source: SourceName,
) -> None:
    with connected('acme:5') as (simulator, client, _):
        path = ('repositoryOwner', 'repositories', 'nodes', 0, 'databaseId')
        fault = (
            faults.graphql_error('INTERNAL', 'x', *path)
            if source == 'graphql'
            else faults.Fault(
                kind='rest:list',
                status=200,
                body='[{"id":1,"name":"a","full_name":"acme/a","owner":null}]',
            )
        )
        simulator.faults.add(fault)
        try:
            _, problem = _read(simulator, client, source)
        except AnswerError as error:
            problem = str(error)
        assert problem is not None
