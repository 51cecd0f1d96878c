"""Look repositories up by id."""

from collections.abc import Sequence

import structlog

from github_warehouse.company_reader import CompanyReader
from github_warehouse.errors import as_warehouse_error
from github_warehouse.github.clock import StoppedError
from github_warehouse.model import KnownRepository, RepoObservation


def look_up(
    reader: CompanyReader, repositories: Sequence[KnownRepository]
) -> list[RepoObservation | None] | None:
    """Look repositories up by id, with the API and token of a company.

    Returns:
        An observation of each repository, in order; None for one that is not
        public or does not exist. None instead of the list if the lookup
        failed.
    """
    assert reader.source is not None
    try:
        return list(reader.source.look_up(repositories))
    except (StoppedError, OSError):
        raise
    except Exception as error:
        structlog.get_logger().warning(
            'repository lookup failed',
            repositories=len(repositories),
            reason=str(as_warehouse_error(error)),
        )
        return None


def is_another_repository(
    repository: KnownRepository, found: RepoObservation | None
) -> bool:
    """Return whether a lookup found another repository; if so, log it."""
    if found is None or found.repo_id == repository.repo_id:
        return False
    structlog.get_logger().warning(
        'lookup returned another repository: ignored',
        repository=repository.repo_id,
        returned=found.repo_id,
    )
    return True
