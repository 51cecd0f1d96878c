"""Phase II, reading: what GitHub says, company by company.

No database connection is open meanwhile. Several companies are read at a
time, the pages of each in order. A company that fails is recorded and
carried forward; the others are read.
"""

import threading
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from github_warehouse.company_reader import CompanyReader, ReportProgress
from github_warehouse.confirm import (
    confirm_login,
    find_claims,
    is_answer_to,
    look_up,
    settle_claims,
)
from github_warehouse.errors import (
    ListIncompleteError,
    TokenRefusedError,
)
from github_warehouse.github.client import GitHubClient
from github_warehouse.github.source import SourceName
from github_warehouse.languages import LanguageQueue, read_languages
from github_warehouse.model import (
    SWEEP,
    CompanyResult,
    KnownRepository,
)
from github_warehouse.plan import PlannedReading
from github_warehouse.warehouse.spool import Spool
from github_warehouse.warehouse.state import KnownRepositories, sorted_ids

_FEW_REMOVALS = 10


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


class Fetcher:
    """The reading of all companies of one run.

    Attributes:
        gone: ids of repositories found to be gone.
        settled: by repository that several companies claimed, the company
            whose observation counts; None if nobody's does.
    """

    def __init__(
        self,
        client: GitHubClient,
        source: SourceName,
        known: KnownRepositories,
        spool: Spool,
        clock: Callable[[], datetime],
        report: ReportProgress,
    ) -> None:
        self.gone: list[int] = []
        self.settled: dict[int, int | None] = {}
        # by company, where the ids of its list are among all
        self._lists: dict[int, slice] = {}
        self._client = client
        self._source = source
        self._known = known
        self._spool = spool
        self._clock = clock
        self._report = report
        self._queue = LanguageQueue(known)
        self._readings: list[CompanyReader] = []
        self._lock = threading.Lock()

    def read(self, planned: Sequence[PlannedReading]) -> None:
        """Read the lists of companies, several at a time."""
        self._readings += self._client.map(self._read_list, planned)

    def finish(
        self, tracked_ids: frozenset[int], rule: RemovalRule
    ) -> list[CompanyResult]:
        """Look up what is missing from the lists, and read languages.

        Args:
            tracked_ids: every tracked company, also those not read now.
            rule: how much a sweep may remove.

        Raises:
            TokenRefusedError: no company could be read.
        """
        readings = self._readings
        refusals = [
            reading.failure
            for reading in readings
            if isinstance(reading.failure, TokenRefusedError)
        ]
        if refusals and len(refusals) == len(readings):
            raise refusals[0]
        for reading in readings:
            confirm_login(reading)
        seen = sorted_ids(self._spool.repo_ids)
        self._settle_claims(readings, seen, tracked_ids)
        for reading in readings:
            self._settle_missing(reading, seen, tracked_ids, rule)
        self._read_languages(readings)
        return [reading.result() for reading in readings]

    def _read_list(self, planned: PlannedReading) -> CompanyReader:
        reading = CompanyReader(
            planned, self._source, self._client, self._clock
        )
        part = reading.read(self._spool.new_part, self._report)
        if part is not None:
            with self._lock:
                start = len(self._spool.repo_ids)
                self._spool.take_over(part)
                self._lists[planned.company.account.account_id] = slice(
                    start, len(self._spool.repo_ids)
                )
                for observation in reading.without_languages:
                    self._queue.add(observation)
        _log_company(reading.result())
        return reading

    def _settle_claims(
        self,
        readings: Sequence[CompanyReader],
        seen: 'array[int]',
        tracked_ids: frozenset[int],
    ) -> None:
        """Find out whose the repositories are that several companies claim."""
        lists = {
            company_id: self._spool.repo_ids[place]
            for company_id, place in self._lists.items()
        }
        for settled in settle_claims(
            find_claims(lists, seen, self._known),
            {each.company.account.account_id: each for each in readings},
            tracked_ids,
        ):
            repo_id = settled.claim.repository.repo_id
            self.settled[repo_id] = settled.owner
            if settled.observation is not None:
                self._spool.add(settled.observation)
                self._queue.add(settled.observation)
            elif settled.is_gone:
                self.gone.append(repo_id)

    def _read_languages(self, readings: Sequence[CompanyReader]) -> None:
        """Read apart the languages that are due, as far as the budget goes."""
        results = {
            reading.company.account.account_id: reading.result()
            for reading in readings
            if reading.status != 'failed'
        }
        sessions = {
            reading.company.account.account_id: reading.session
            for reading in readings
            if reading.session is not None
        }
        due = self._queue.due(results, self.gone)
        read = 0
        for repo_id, languages in read_languages(due, sessions, self._client):
            self._spool.add_languages(repo_id, languages)
            read += 1
            self._report('languages', read, len(due))
        if read < len(due):
            structlog.get_logger().info(
                'languages left for the next run', repositories=len(due) - read
            )

    def _settle_missing(
        self,
        reading: CompanyReader,
        seen: Sequence[int],
        tracked_ids: frozenset[int],
        rule: RemovalRule,
    ) -> None:
        """Find out what became of repositories that a sweep did not see."""
        result = reading.result()
        if result.status != 'succeeded' or result.mode != SWEEP:
            return
        login, company_id = result.account.login, result.account.account_id
        missing = self._known.missing(company_id, seen)
        if not missing:
            return
        known = self._known.count(company_id)
        if rule.forbids(len(missing), known):
            structlog.get_logger().warning(
                'a sweep would remove too many: nothing was removed',
                company=login,
                missing=len(missing),
                known=known,
            )
            reading.fall_short(
                'incomplete',
                ListIncompleteError(
                    f'{len(missing)} of {known} repositories of {login} are '
                    'missing: nothing was removed; if that is true, '
                    f'`github-warehouse ingest {login} --full '
                    '--accept-removals`'
                ),
            )
            return
        self._look_up(reading, missing, tracked_ids)

    def _look_up(
        self,
        reading: CompanyReader,
        missing: Sequence[KnownRepository],
        tracked_ids: frozenset[int],
    ) -> None:
        """Observe what is still with a tracked company; the rest is gone.

        Where GitHub cannot tell, a repository is gone that the last sweep
        did not see either.
        """
        found = look_up(reading, missing)
        if found is None:
            self.gone += [
                repository.repo_id
                for repository in missing
                if repository.was_missing
            ]
            return
        for repository, observation in zip(missing, found, strict=True):
            if not is_answer_to(repository, observation):
                continue
            if (
                observation is None
                or observation.owner.account_id not in tracked_ids
            ):
                self.gone.append(repository.repo_id)
            else:
                self._spool.add(observation)
                self._queue.add(observation)


def _log_company(result: CompanyResult) -> None:
    """Log the result of reading one company."""
    structlog.get_logger().info(
        'company read',
        company=result.account.login,
        status=result.status,
        mode=result.mode,
        source=result.read_by,
        repositories=result.repositories_observed,
        requests=result.requests,
        seconds=round(
            (result.finished_at - result.started_at).total_seconds(), 3
        ),
        **({} if result.error is None else {'reason': result.error}),
    )
