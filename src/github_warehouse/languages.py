"""Choose the repositories whose languages are due, and read them over REST."""

import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import structlog

from github_warehouse.errors import (
    MalformedError,
    OutOfTimeError,
    RateLimitedError,
    TokenRefusedError,
    UnreachableError,
    WarehouseError,
    as_warehouse_error,
)
from github_warehouse.github import records
from github_warehouse.github.client import GitHubClient
from github_warehouse.github.clock import StoppedError
from github_warehouse.github.session import GitHubSession
from github_warehouse.model import (
    CompanyResult,
    KnownRepository,
    RepoObservation,
)
from github_warehouse.warehouse.state import KnownRepositories

# Stop after this many repositories in a row without an answer.
_MAX_UNANSWERED = 10


class LanguagesToRead(NamedTuple):
    """A repository whose languages must be read."""

    stars: int
    repo_id: int
    company_id: int
    full_name: str


class LanguageQueue:
    """Repositories that were observed without their languages.

    Languages are due after a push, and for the reasons listed in
    `languages_are_due.sql`. Repositories that were not observed are included
    too: with REST when their languages are due, with GraphQL only when they
    were never read.
    """

    def __init__(self, known: KnownRepositories) -> None:
        self._known = known
        self._observed: dict[int, RepoObservation] = {}

    def add(self, observation: RepoObservation) -> None:
        """Add an observation; it replaces an earlier one of the same ID."""
        if observation.languages is None:
            self._observed[observation.repo_id] = observation
        else:
            self._observed.pop(observation.repo_id, None)

    def due(
        self, results: Mapping[int, CompanyResult], gone: Sequence[int]
    ) -> list[LanguagesToRead]:
        """List the languages that are due, most starred repositories first.

        Args:
            results: the companies that were read, by company ID.
            gone: IDs of repositories that are no longer there.
        """
        due = []
        remaining = dict(self._observed)
        absent = set(gone)
        for company_id, result in results.items():
            for known in self._known.repositories(company_id):
                observation = remaining.pop(known.repo_id, None)
                if known.repo_id not in absent and _is_due(
                    known, observation, result.read_by
                ):
                    due.append(_to_read(known, observation, company_id))
        due += [
            LanguagesToRead(
                _stars(observation),
                observation.repo_id,
                observation.owner.account_id,
                observation.full_name,
            )
            for observation in remaining.values()
        ]
        return sorted(due, key=lambda each: (-each.stars, each.repo_id))


def _is_due(
    known: KnownRepository, observation: RepoObservation | None, read_by: str
) -> bool:
    """Return whether the languages of a known repository are due.

    Args:
        known: the repository, as the warehouse has it.
        observation: of this run; None if the repository was not observed.
        read_by: the API that its company was read with.
    """
    if observation is None:
        is_wanted = known.languages_never_read or read_by == 'rest'
        return is_wanted and known.languages_are_due
    was_pushed = _pushed_at(observation) != known.languages_pushed_at
    return known.languages_are_due or was_pushed


def _to_read(
    known: KnownRepository,
    observation: RepoObservation | None,
    company_id: int,
) -> LanguagesToRead:
    return LanguagesToRead(
        _stars(observation) if observation else known.stars,
        known.repo_id,
        company_id,
        observation.full_name if observation else known.full_name,
    )


def read_languages(
    due: Sequence[LanguagesToRead],
    sessions: Mapping[int, GitHubSession],
    client: GitHubClient,
) -> Iterator[tuple[int, dict[str, int]]]:
    """Read languages, as many as the rate limits allow.

    Each repository is read with the token that read its company. Languages
    that cannot be read are logged and left out.

    Args:
        due: the repositories, in the order in which they are read.
        sessions: by company ID.
        client: the client of the sessions.

    Yields:
        The ID of a repository, and its bytes of code by language.
    """
    reader = _Reader(sessions)
    affordable = _affordable(due, sessions, client.clock.time())
    for each, languages in zip(
        affordable, client.map(reader.read, affordable), strict=True
    ):
        if languages is not None:
            yield each.repo_id, languages


class _Reader:
    """Reads languages until a token is spent or GitHub stops answering."""

    def __init__(self, sessions: Mapping[int, GitHubSession]) -> None:
        self._sessions = sessions
        self._closed_tokens: set[str] = set()
        self._unanswered = 0
        self._lock = threading.Lock()

    def read(self, due: LanguagesToRead) -> dict[str, int] | None:
        """Read a repository's languages; None if they could not be read."""
        session = self._sessions[due.company_id]
        if (
            self._unanswered >= _MAX_UNANSWERED
            or session.token.name in self._closed_tokens
        ):
            return None
        try:
            languages = records.read_languages(
                session, due.repo_id, due.full_name
            )
        except (StoppedError, OSError):
            raise
        except Exception as error:
            self._record_failure(as_warehouse_error(error), due, session)
            return None
        self._unanswered = 0
        return languages

    def _record_failure(
        self,
        error: WarehouseError,
        due: LanguagesToRead,
        session: GitHubSession,
    ) -> None:
        with self._lock:
            if isinstance(
                error, OutOfTimeError | RateLimitedError | TokenRefusedError
            ):
                if session.token.name in self._closed_tokens:
                    return
                self._closed_tokens.add(session.token.name)
            elif isinstance(error, MalformedError | UnreachableError):
                self._unanswered += 1
        structlog.get_logger().warning(
            'languages were not read',
            repository=due.full_name,
            reason=str(error),
        )


def _affordable(
    due: Sequence[LanguagesToRead],
    sessions: Mapping[int, GitHubSession],
    now: float,
) -> list[LanguagesToRead]:
    """Return the repositories that the budgets of the tokens allow."""
    spent: Counter[str] = Counter()
    chosen = []
    for each in due:
        session = sessions.get(each.company_id)
        if session is None:
            continue
        token = session.token
        if spent[token.name] < token.budget('core', now):
            spent[token.name] += 1
            chosen.append(each)
    return chosen


def _pushed_at(observation: RepoObservation) -> float | None:
    pushed_at = observation.pushed_at
    return None if pushed_at is None else pushed_at.timestamp()


def _stars(observation: RepoObservation) -> int:
    return observation.metrics['stars'] or 0
