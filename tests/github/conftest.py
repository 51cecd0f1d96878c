"""Fixtures: a source on a simulated GitHub whose waits take no time."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date

import pytest

from github_simulator import Simulator, World, parse_accounts
from github_warehouse.config import Settings, read_settings
from github_warehouse.github.budgets import open_session
from github_warehouse.github.client import Cost, GitHubClient
from github_warehouse.github.graphql import GraphQLSource
from github_warehouse.github.session import GitHubSession
from github_warehouse.model import Account
from support import SimulatedClock


@dataclass
class Reading:
    """A GraphQL source and the simulated GitHub that it reads."""

    simulator: Simulator
    client: GitHubClient
    session: GitHubSession
    source: GraphQLSource
    clock: SimulatedClock

    @property
    def acme(self) -> Account:
        """Return the only organization."""
        (account,) = self.simulator.world.accounts.values()
        return Account(account.id, account.login, account.account_type)

    def expected_ids(self) -> list[int]:
        """Return the ids of the public repositories, oldest first."""
        repositories = self.simulator.world.repositories.values()
        return [
            repository.id
            for repository in sorted(
                repositories, key=lambda r: (r.created_at, r.id)
            )
            if repository.is_public
        ]

    def read_ids(self) -> list[int]:
        """Read the organization; return the ids in the order of arrival."""
        return [o.repo_id for o in self.source.observations(self.acme, None)]


def settings_for(url: str, token: str = 'simulated-token') -> Settings:
    """Return settings for this GitHub URL and this token."""
    return read_settings({'GITHUB_API_URL': url, 'GITHUB_TOKEN': token})


@contextmanager
def connected(
    specs: str, *tokens: str, **settings: object
) -> Iterator[tuple[Simulator, GitHubClient, SimulatedClock]]:
    """Serve generated accounts; yield a client whose waits take no time."""
    world = World.generate(parse_accounts(specs), today=date(2026, 3, 1))
    clock = SimulatedClock()
    with Simulator(
        world, tokens=tokens or ('simulated-token',), clock=clock.time
    ) as simulator:
        given = settings_for(
            simulator.url, ','.join(tokens) or 'simulated-token'
        )
        given = replace(given, **settings)  # type: ignore[arg-type]
        with GitHubClient(given, clock) as client:
            yield simulator, client, clock


@pytest.fixture
def reading() -> Iterator[Reading]:
    """A source for an organization of 250 repositories."""
    with connected('acme:250') as (simulator, client, clock):
        session = open_session(client, 'graphql', Cost())
        source = GraphQLSource(session)
        yield Reading(simulator, client, session, source, clock)
