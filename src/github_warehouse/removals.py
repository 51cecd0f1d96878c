"""Decide which repositories to remove, of those that a sweep did not see."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from github_warehouse.company_reader import CompanyReader
from github_warehouse.errors import ListIncompleteError
from github_warehouse.lookup import is_another_repository, look_up
from github_warehouse.model import KnownRepository, RepoObservation

_FEW_REMOVALS = 10


@dataclass(frozen=True)
class RemovalRule:
    """Limit on the repositories that one sweep may remove from a company.

    Attributes:
        max_removed_percent: maximum percentage of the company's repositories;
            up to ten repositories may always be removed.
        is_unlimited: whether this run may remove any number of them
            (`--accept-removals`).
    """

    max_removed_percent: int
    is_unlimited: bool

    def check(self, login: str, missing: int, known: int) -> None:
        """Check that a sweep may remove this many repositories.

        Args:
            login: the company's login.
            missing: number of repositories that the sweep did not see.
            known: number of repositories before the sweep.

        Raises:
            ListIncompleteError: too many are missing.
        """
        if (
            self.is_unlimited
            or missing <= _FEW_REMOVALS
            or missing * 100 <= known * self.max_removed_percent
        ):
            return
        structlog.get_logger().warning(
            'too many repositories are missing: none was removed',
            company=login,
            missing=missing,
            known=known,
        )
        raise ListIncompleteError(
            f'{missing} of {known} repositories of {login} are missing: '
            'nothing was removed; if they are really gone, run '
            f'`github-warehouse ingest {login} --full --accept-removals`'
        )


def look_up_missing(
    reader: CompanyReader,
    missing: Sequence[KnownRepository],
    tracked_ids: frozenset[int],
) -> tuple[list[RepoObservation], list[int]]:
    """Look up by id the repositories that a sweep did not see.

    If the lookup fails, a repository counts as gone if the previous sweep did
    not see it either. If GitHub returns another repository instead of the
    missing one, the missing one is kept.

    Returns:
        Observations of the missing repositories that this company or another
        tracked company owns now; and the ids of those that are gone.
    """
    found = look_up(reader, missing)
    if found is None:
        return [], [each.repo_id for each in missing if each.was_missing]
    present, gone = [], []
    for repository, observation in zip(missing, found, strict=True):
        if is_another_repository(repository, observation):
            continue
        if (
            observation is not None
            and observation.owner.account_id in tracked_ids
        ):
            present.append(observation)
        else:
            gone.append(repository.repo_id)
    return present, gone
