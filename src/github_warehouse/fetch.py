"""Phase II, reading: what GitHub says, company by company.

No database connection is open meanwhile. A company that fails is recorded
and carried forward; the others are read.
"""

import time
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from github_warehouse.errors import (
    GitHubError,
    ListIncompleteError,
    TokenRefusedError,
)
from github_warehouse.github.source import Source
from github_warehouse.languages import LanguageQueue
from github_warehouse.model import (
    INCREMENTAL,
    SWEEP,
    CompanyFetch,
    CompanyToRead,
    KnownRepository,
    RepoObservation,
)
from github_warehouse.warehouse.spool import Spool
from github_warehouse.warehouse.state import (
    KnownRepositories,
    sorted_ids,
)

_FEW_REMOVALS = 10


class Progress(Protocol):
    """Tells a person how far the reading is."""

    def advance(self, company: str, repositories: int) -> None:
        """So many repositories of a company were read by now."""


@dataclass(frozen=True)
class RemovalRule:
    """Which repositories missing from a complete sweep are removed.

    Attributes:
        max_removed_percent: beyond that share of a company, and more than
            ten repositories, a sweep counts as incomplete.
        is_accepted: whether more is accepted this time.
    """

    max_removed_percent: int
    is_accepted: bool

    def forbids(self, missing: int, known: int) -> bool:
        """Tell whether so many at once are not to be believed."""
        return (
            not self.is_accepted
            and missing > _FEW_REMOVALS
            and missing * 100 > known * self.max_removed_percent
        )


class Fetch:
    """The reading of all companies of one run."""

    def __init__(
        self,
        source: Source,
        known: KnownRepositories,
        spool: Spool,
        clock: Callable[[], datetime],
        progress: Progress,
    ) -> None:
        self.source = source
        self.known = known
        self.clock = clock
        self.progress = progress
        self.spool = spool
        self.queue = LanguageQueue(known)
        self.gone: list[int] = []

    def read(
        self,
        companies: Sequence[CompanyToRead],
        tracked_ids: frozenset[int],
        rule: RemovalRule,
    ) -> list[CompanyFetch]:
        """Read every company, then look up what is missing from them.

        Args:
            companies: those to read.
            tracked_ids: every tracked company, also those not read now.
            rule: how much a sweep may remove.

        Raises:
            TokenRefusedError: no company can be read.
        """
        fetches = [self._company(company) for company in companies]
        seen = sorted_ids(self.spool.repo_ids)
        settled = [
            self._settle_missing(fetch, seen, tracked_ids, rule)
            for fetch in fetches
        ]
        if self.source.reads_languages_apart:
            self._read_languages(settled)
        return settled

    def _company(self, company: CompanyToRead) -> CompanyFetch:
        mark = self.spool.mark()
        cost = _Cost(self.source)
        began, started_at = time.monotonic(), self.clock()
        status, error = 'succeeded', None
        without_languages: list[RepoObservation] = []
        try:
            self._spool_company(company, without_languages)
        except ListIncompleteError as incomplete:
            status, error = 'incomplete', str(incomplete)
        except TokenRefusedError:
            raise
        except GitHubError as failure:
            self.spool.rewind(mark)
            without_languages.clear()
            status, error = 'failed', str(failure)
        for observation in without_languages:
            self.queue.add(observation)
        fetch = CompanyFetch(
            account=self.source.accounts.get(
                company.account.account_id, company.account
            ),
            source=company.source,
            started_at=started_at,
            finished_at=started_at
            + timedelta(seconds=time.monotonic() - began),
            status=status,
            mode=SWEEP if company.since is None else INCREMENTAL,
            repositories_observed=(
                self.spool.mark().observations - mark.observations
            ),
            requests=0,
            points=0,
            budget_left=None,
            error=error,
        )
        return cost.added_to(fetch)

    def _spool_company(
        self, company: CompanyToRead, without_languages: list[RepoObservation]
    ) -> None:
        login, read = company.account.login, 0
        self.progress.advance(login, read)
        for observation in self.source.observations(
            company.account, company.since
        ):
            self.spool.add(observation)
            if observation.languages is None:
                without_languages.append(observation)
            read += 1
            self.progress.advance(login, read)

    def _read_languages(self, fetches: Sequence[CompanyFetch]) -> None:
        """Read apart the languages that are due, as far as the budget goes."""
        due = self.queue.due(fetches, self.gone)
        read = 0
        names = [repository.full_name for repository in due]
        # strict=False: what the budget does not allow is left for next time
        for repository, languages in zip(
            due, self.source.languages(names), strict=False
        ):
            if languages is not None:
                self.spool.add_languages(repository.repo_id, languages)
                read += 1
            self.progress.advance('languages', read)
        if read < len(due):
            structlog.get_logger().info(
                'languages left for the next run', repositories=len(due) - read
            )

    def _settle_missing(
        self,
        fetch: CompanyFetch,
        seen: 'array[int]',
        tracked_ids: frozenset[int],
        rule: RemovalRule,
    ) -> CompanyFetch:
        """Find out what became of repositories that a sweep did not see."""
        if fetch.status != 'succeeded' or fetch.mode != SWEEP:
            return fetch
        company_id = fetch.account.account_id
        missing = self.known.missing(company_id, seen)
        if not missing:
            return fetch
        known = self.known.count(company_id)
        if rule.forbids(len(missing), known):
            return replace(
                fetch,
                status='incomplete',
                error=f'{len(missing)} of {known} repositories of '
                f'{fetch.account.login} are missing: nothing was removed; '
                'if that is true, `github-warehouse ingest '
                f'{fetch.account.login} --full --accept-removals`',
            )
        cost = _Cost(self.source)
        self._look_up(missing, tracked_ids)
        return cost.added_to(fetch)

    def _look_up(
        self,
        missing: Sequence[KnownRepository],
        tracked_ids: frozenset[int],
    ) -> None:
        """Observe what is still with a tracked company; the rest is gone.

        Where GitHub cannot tell, a repository is gone that the last sweep
        did not see either.
        """
        try:
            found = list(self.source.look_up(missing))
        except GitHubError as error:
            structlog.get_logger().warning(
                'missing repositories were not looked up',
                repositories=len(missing),
                reason=str(error),
            )
            self.gone += [
                repository.repo_id
                for repository in missing
                if repository.was_missing
            ]
            return
        for repository, observation in zip(missing, found, strict=True):
            if (
                observation is None
                or observation.owner.account_id not in tracked_ids
            ):
                self.gone.append(repository.repo_id)
            else:
                self.spool.add(observation)
                self.queue.add(observation)


class _Cost:
    """What a source spends from now on."""

    def __init__(self, source: Source) -> None:
        self._session = source.session
        self._requests = source.session.requests_sent
        self._points = source.session.points_spent

    def added_to(self, fetch: CompanyFetch) -> CompanyFetch:
        return replace(
            fetch,
            requests=fetch.requests
            + self._session.requests_sent
            - self._requests,
            points=fetch.points + self._session.points_spent - self._points,
            budget_left=self._session.budget_left,
        )
