"""What a way of reading GitHub must offer, and which one is chosen."""

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
        session: what the reading costs is counted there.
        account: the company as GitHub gave it; None until it did.
        total: how many repositories the list has; None: not known.
    """

    session: GitHubSession
    account: Account | None
    total: int | None

    @property
    def name(self) -> str:
        """The way: graphql or rest."""

    def observations(
        self, company: Account, since: datetime | None
    ) -> Iterator[RepoObservation]:
        """Read a company's public repositories: all, or what has changed."""

    def look_up(
        self, missing: Sequence[KnownRepository]
    ) -> Iterator[RepoObservation | None]:
        """Look repositories up by id; None where there is none."""


def choose_source(settings: Settings, wanted: str) -> SourceName:
    """Choose how to read GitHub: by GraphQL whenever there is a token.

    Args:
        settings: the tokens are among them.
        wanted: auto, graphql or rest.

    Raises:
        SettingsError: GraphQL is wanted and there is no token.
    """
    if wanted == 'graphql' and not settings.tokens:
        raise SettingsError(
            'GITHUB_TOKEN is not set, and GitHub answers GraphQL to nobody '
            'without one: any token will do, for public repositories it '
            'needs no scope; or read by --source rest'
        )
    if wanted == 'rest' or not settings.tokens:
        return 'rest'
    return 'graphql'


def make_source(
    name: SourceName, session: GitHubSession, expected: int = 0
) -> Source:
    """Make a source that reads one company by way of a session.

    Args:
        name: the way.
        session: what the reading costs is counted there.
        expected: how many repositories the company had.
    """
    if name == 'rest':
        return RestSource(session, expected)
    return GraphQLSource(session, expected)
