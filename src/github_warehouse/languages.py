"""Which languages must be read apart, in which order; and reading them."""

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
from github_warehouse.model import CompanyResult, RepoObservation
from github_warehouse.warehouse.state import KnownRepositories

# So many repositories without an answer, and GitHub is not asked any more.
_PATIENCE = 10


class LanguagesToRead(NamedTuple):
    """A repository whose languages must be read."""

    stars: int
    repo_id: int
    company_id: int
    full_name: str


class LanguageQueue:
    """The repositories that were observed without their languages.

    Languages are due when somebody pushed since they were read, and for the
    reasons that `languages_are_due.sql` gives. For repositories that an
    incremental run did not see: by REST whenever they are due, by GraphQL only
    when they were never read.
    """

    def __init__(self, known: KnownRepositories) -> None:
        self._known = known
        self._observed: dict[int, RepoObservation] = {}

    def add(self, observation: RepoObservation) -> None:
        """Note an observation; the last one of a repository counts."""
        if observation.languages is None:
            self._observed[observation.repo_id] = observation
        else:
            self._observed.pop(observation.repo_id, None)

    def due(
        self, results: Mapping[int, CompanyResult], gone: Sequence[int]
    ) -> list[LanguagesToRead]:
        """List what is due in companies that were read, most starred first.

        Args:
            results: how the reading of each of them went, by company.
            gone: repositories that are not there any more.
        """
        due = []
        observed = dict(self._observed)
        absent = set(gone)
        for company_id, result in results.items():
            for known in self._known.repositories(company_id):
                seen = observed.pop(known.repo_id, None)
                if known.repo_id in absent:
                    continue
                is_listed = seen is not None or result.read_by == 'rest'
                if not is_listed and not known.languages_never_read:
                    continue
                if known.languages_are_due or (
                    seen is not None
                    and _pushed_at(seen) != known.languages_pushed_at
                ):
                    due.append(
                        LanguagesToRead(
                            _stars(seen) if seen else known.stars,
                            known.repo_id,
                            company_id,
                            seen.full_name if seen else known.full_name,
                        )
                    )
        due += [
            LanguagesToRead(
                _stars(seen),
                seen.repo_id,
                seen.owner.account_id,
                seen.full_name,
            )
            for seen in observed.values()
        ]
        return sorted(due, key=lambda each: (-each.stars, each.repo_id))


def read_languages(
    due: Sequence[LanguagesToRead],
    sessions: Mapping[int, GitHubSession],
    client: GitHubClient,
) -> Iterator[tuple[int, dict[str, int]]]:
    """Read languages, as many as the hour's budgets allow.

    Each company's under the token that its list was read under; what cannot
    be read is left out.

    Args:
        due: what to read, in that order.
        sessions: by company.
        client: of the sessions.

    Yields:
        Repository and its bytes by language.
    """
    reader = _Reader(sessions)
    affordable = _affordable(due, sessions, client.clock.time())
    for each, languages in zip(
        affordable, client.map(reader.read, affordable), strict=True
    ):
        if languages is not None:
            yield each.repo_id, languages


class _Reader:
    """Reads languages until GitHub does not want to, or cannot, answer."""

    def __init__(self, sessions: Mapping[int, GitHubSession]) -> None:
        self._sessions = sessions
        self._closed: set[str] = set()
        self._unanswered = 0
        self._lock = threading.Lock()

    def read(self, due: LanguagesToRead) -> dict[str, int] | None:
        """Read one repository's languages; None where that is not to be."""
        session = self._sessions[due.company_id]
        if self._unanswered >= _PATIENCE or session.token.name in self._closed:
            return None
        try:
            languages = records.read_languages(
                session, due.repo_id, due.full_name
            )
        except (StoppedError, OSError):
            raise
        except Exception as error:
            self._note(as_warehouse_error(error), due, session)
            return None
        self._unanswered = 0
        return languages

    def _note(
        self,
        error: WarehouseError,
        due: LanguagesToRead,
        session: GitHubSession,
    ) -> None:
        with self._lock:
            if isinstance(
                error, OutOfTimeError | RateLimitedError | TokenRefusedError
            ):
                if session.token.name in self._closed:
                    return
                self._closed.add(session.token.name)
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
    """Leave out what the budget of its company's token does not allow."""
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
