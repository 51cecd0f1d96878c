"""What a way of reading GitHub must offer, and which one is chosen."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from github_warehouse.config import Settings
from github_warehouse.errors import SettingsError
from github_warehouse.github.graphql import GraphQLSource
from github_warehouse.github.rest import RestSource
from github_warehouse.github.session import GitHubSession
from github_warehouse.model import Account, KnownRepository, RepoObservation

SOURCES = ('auto', 'graphql', 'rest')


class Source(Protocol):
    """Reads companies' repositories.

    Attributes:
        name: graphql or rest.
        reads_languages_apart: whether observations come without languages.
        session: what the reading costs is counted there.
        accounts: by id, as GitHub last gave them.
    """

    name: str
    reads_languages_apart: bool
    session: GitHubSession
    accounts: dict[int, Account]

    def observations(
        self, company: Account, since: datetime | None
    ) -> Iterator[RepoObservation]:
        """Read a company's public repositories: all, or what has changed."""

    def look_up(
        self, missing: Sequence[KnownRepository]
    ) -> Iterator[RepoObservation | None]:
        """Look repositories up by id; None where there is none."""

    def languages(
        self, full_names: Sequence[str]
    ) -> Iterator[dict[str, int] | None]:
        """Read languages apart, within the budget; None where it failed."""


def choose_source(
    settings: Settings, session: GitHubSession, wanted: str
) -> Source:
    """Choose how to read GitHub: by GraphQL whenever there is a token.

    Args:
        settings: the token is among them.
        session: to read with.
        wanted: auto, graphql or rest.

    Raises:
        SettingsError: GraphQL is wanted and there is no token.
    """
    if wanted == 'graphql' and settings.token is None:
        raise SettingsError(
            'GITHUB_TOKEN is not set, and GitHub answers GraphQL to nobody '
            'without one: any token will do, for public repositories it '
            'needs no scope; or read by --source rest'
        )
    if wanted == 'rest' or settings.token is None:
        return RestSource(session, settings.concurrency)
    return GraphQLSource(session)
