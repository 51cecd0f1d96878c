"""The interface of the two API readers, GraphQL and REST, and their choice."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal, Protocol

from github_warehouse.config import Settings
from github_warehouse.errors import SettingsError
from github_warehouse.github.client import Resource
from github_warehouse.github.graphql import GraphQLSource
from github_warehouse.github.rest import RestSource
from github_warehouse.github.session import GitHubSession
from github_warehouse.model import Account, KnownRepository, RepoObservation

SourceName = Literal['graphql', 'rest']

SOURCES = ('auto', 'graphql', 'rest')
RESOURCES: dict[SourceName, Resource] = {'graphql': 'graphql', 'rest': 'core'}


class Source(Protocol):
    """Reads one company's repositories.

    Attributes:
        session: sends the requests and counts their cost.
        account: the company as GitHub returned it; None before that.
        total: number of repositories in the list; None when unknown.
    """

    session: GitHubSession
    account: Account | None
    total: int | None

    @property
    def name(self) -> str:
        """The API: graphql or rest."""

    def observations(
        self, company: Account, since: datetime | None
    ) -> Iterator[RepoObservation]:
        """Read a company's public repositories.

        Args:
            company: the account as last known.
            since: read only those that changed since then, UTC; None for all.

        Raises:
            GitHubError: the list cannot be read, or lacks repositories.
        """

    def look_up(
        self, missing: Sequence[KnownRepository]
    ) -> Iterator[RepoObservation | None]:
        """Look up repositories by id, in order; None for each that is gone.

        Raises:
            GitHubError: they cannot be read.
        """


def choose_source(settings: Settings, wanted: str) -> SourceName:
    """Choose the API: auto means GraphQL if there is a token, else REST.

    Args:
        settings: for the tokens.
        wanted: auto, graphql or rest.

    Raises:
        SettingsError: GraphQL is requested without a token.
    """
    if wanted == 'graphql' and not settings.tokens:
        raise SettingsError(
            'GITHUB_TOKEN is not set, and GitHub\'s GraphQL needs a token: '
            'set any token (public repositories need no scope), or use '
            '--source rest'
        )
    if wanted == 'rest' or not settings.tokens:
        return 'rest'
    return 'graphql'


def make_source(
    name: SourceName, session: GitHubSession, expected: int = 0
) -> Source:
    """Return a source that reads one company with a session.

    Args:
        name: graphql or rest.
        session: the session; it counts the cost.
        expected: number of repositories that the company had.
    """
    if name == 'rest':
        return RestSource(session, expected)
    return GraphQLSource(session, expected)
