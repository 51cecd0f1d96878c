"""Which languages REST must read apart, and in which order."""

from collections.abc import Sequence
from typing import NamedTuple

from github_warehouse.model import CompanyFetch, RepoObservation
from github_warehouse.warehouse.state import KnownRepositories


class LanguagesToRead(NamedTuple):
    """A repository whose languages must be read."""

    stars: int
    repo_id: int
    full_name: str


class LanguageQueue:
    """The repositories that were observed without their languages.

    Languages are due when somebody pushed since they were read, and for the
    reasons that `languages_are_due.sql` gives; also of repositories that an
    incremental run did not see.
    """

    def __init__(self, known: KnownRepositories) -> None:
        self._known = known
        self._observed: dict[int, RepoObservation] = {}

    def add(self, observation: RepoObservation) -> None:
        """Note an observation; the last one of a repository counts."""
        if observation.languages is None:
            self._observed[observation.repo_id] = observation

    def due(
        self, fetches: Sequence[CompanyFetch], gone: Sequence[int]
    ) -> list[LanguagesToRead]:
        """List what is due in companies that were read, most starred first.

        Args:
            fetches: how the reading of each company went.
            gone: repositories that are not there any more.
        """
        due = []
        observed = dict(self._observed)
        absent = set(gone)
        for fetch in fetches:
            if fetch.status == 'failed':
                continue
            for known in self._known.repositories(fetch.account.account_id):
                seen = observed.pop(known.repo_id, None)
                if known.repo_id in absent:
                    continue
                if known.languages_are_due or (
                    seen is not None
                    and _pushed_at(seen) != known.languages_pushed_at
                ):
                    due.append(
                        LanguagesToRead(
                            seen.stars if seen else known.stars,
                            known.repo_id,
                            seen.full_name if seen else known.full_name,
                        )
                    )
        due += [
            LanguagesToRead(seen.stars, seen.repo_id, seen.full_name)
            for seen in observed.values()
        ]
        return sorted(due, key=lambda each: (-each.stars, each.repo_id))


def _pushed_at(observation: RepoObservation) -> float | None:
    pushed_at = observation.pushed_at
    return None if pushed_at is None else pushed_at.timestamp()
