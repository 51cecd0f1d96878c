"""Decide which repositories missing from a sweep are removed."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from github_warehouse.errors import ListIncompleteError, as_warehouse_error
from github_warehouse.github.clock import StoppedError
from github_warehouse.github.source import Source
from github_warehouse.model import KnownRepository, RepoObservation

_FEW_REMOVALS = 10


@dataclass(frozen=True)
class RemovalRule:
    """How many of a company's repositories one sweep may remove.

    Attributes:
        max_removed_percent: maximum share of the company's repositories; up
            to ten repositories may always be removed.
        is_accepted: whether this run may remove any number.
    """

    max_removed_percent: int
    is_accepted: bool

    def check(self, login: str, missing: int, known: int) -> None:
        """Check that a sweep may remove this many repositories.

        Args:
            login: the company's login.
            missing: number of repositories that the sweep did not see.
            known: number of repositories before the sweep.

        Raises:
            ListIncompleteError: it may not.
        """
        if (
            self.is_accepted
            or missing <= _FEW_REMOVALS
            or missing * 100 <= known * self.max_removed_percent
        ):
            return
        structlog.get_logger().warning(
            'a sweep would remove too many: nothing was removed',
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
    source: Source,
    missing: Sequence[KnownRepository],
    tracked_ids: frozenset[int],
) -> tuple[list[RepoObservation], list[int]]:
    """Look up by id the repositories that a sweep did not see.

    If the look-up fails, those that the last sweep did not see either count as
    gone.

    Returns:
        Observations of those that a tracked company still owns, and the ids of
        those that are gone.
    """
    try:
        found = list(source.look_up(missing))
    except (StoppedError, OSError):
        raise
    except Exception as error:
        structlog.get_logger().warning(
            'missing repositories were not looked up',
            repositories=len(missing),
            reason=str(as_warehouse_error(error)),
        )
        return [], [each.repo_id for each in missing if each.was_missing]
    present = [
        observation
        for repository, observation in zip(missing, found, strict=True)
        if observation is not None
        and observation.repo_id == repository.repo_id
        and observation.owner.account_id in tracked_ids
    ]
    still_there = {each.repo_id for each in present}
    return present, [
        each.repo_id for each in missing if each.repo_id not in still_there
    ]
