"""A source on a simulated GitHub, whose waiting takes no time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest

from github_warehouse.config import Settings, read_settings
from github_warehouse.github.graphql import GraphQLSource
from github_warehouse.github.session import GitHubSession
from github_warehouse.model import Account
from github_warehouse.simulator import Simulator, World, parse_accounts


@dataclass
class Reading:
    """A GraphQL source, what it reads, and how long it would have waited."""

    simulator: Simulator
    session: GitHubSession
    source: GraphQLSource
    waits: list[float]

    @property
    def acme(self) -> Account:
        """The one organisation there is."""
        (account,) = self.simulator.world.accounts.values()
        return Account(account.id, account.login, account.account_type)

    def expected_ids(self) -> list[int]:
        """The ids of the public repositories, oldest first."""
        repositories = self.simulator.world.repositories.values()
        return [
            repository.id
            for repository in sorted(
                repositories, key=lambda r: (r.created_at, r.id)
            )
            if repository.is_public
        ]

    def read_ids(self) -> list[int]:
        """Read the organisation; return the ids in the order they came."""
        return [o.repo_id for o in self.source.observations(self.acme, None)]


def settings_for(url: str, token: str = 'simulated-token') -> Settings:
    """Settings that name this GitHub and this token."""
    return read_settings({'GITHUB_API_URL': url, 'GITHUB_TOKEN': token})


@pytest.fixture
def reading() -> Iterator[Reading]:
    """A source on an organisation of 250 repositories."""
    world = World.generate(parse_accounts('acme:250'), today=date(2026, 3, 1))
    waits: list[float] = []
    with (
        Simulator(world) as simulator,
        GitHubSession(settings_for(simulator.url), waits.append) as session,
    ):
        yield Reading(simulator, session, GraphQLSource(session), waits)
