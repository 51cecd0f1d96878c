"""What a way of reading GitHub must offer, and which one is chosen."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from github_warehouse.config import Settings
from github_warehouse.errors import SettingsError
from github_warehouse.github.graphql import GraphQLSource
from github_warehouse.github.session import GitHubSession
from github_warehouse.model import Account, KnownRepository, RepoObservation


class Source(Protocol):
    """Reads companies' repositories.

    Attributes:
        name: graphql or rest.
        session: what the reading costs is counted there.
        accounts: by id, as GitHub last gave them.
    """

    name: str
    session: GitHubSession
    accounts: dict[int, Account]

    def observations(self, company: Account) -> Iterator[RepoObservation]:
        """Read every public repository of a company."""

    def look_up(
        self, missing: Sequence[KnownRepository]
    ) -> Iterator[RepoObservation | None]:
        """Look repositories up by id; None where there is none."""


def choose_source(settings: Settings, session: GitHubSession) -> Source:
    """Choose how to read GitHub: by GraphQL, which always needs a token.

    Raises:
        SettingsError: there is no token.
    """
    if settings.token is None:
        raise SettingsError(
            'GITHUB_TOKEN is not set, and GitHub answers GraphQL to nobody '
            'without one: any token will do, for public repositories it '
            'needs no scope'
        )
    return GraphQLSource(session)
