"""Phase II, reading: fetch every company's repositories from GitHub.

No database connection is open. Several companies are read at a time. A company
that fails is recorded and carried forward; the others are still read.
"""

import threading
from array import array
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog

from github_warehouse.company_reader import CompanyReader, ReportProgress
from github_warehouse.confirm import (
    confirm_claims,
    confirm_login,
    find_claims,
)
from github_warehouse.errors import ListIncompleteError, TokenRefusedError
from github_warehouse.github.client import GitHubClient
from github_warehouse.github.source import SourceName
from github_warehouse.languages import LanguageQueue, read_languages
from github_warehouse.model import SWEEP, CompanyResult
from github_warehouse.plan import PlannedReading
from github_warehouse.removals import RemovalRule, look_up_missing
from github_warehouse.warehouse.spool import Spool
from github_warehouse.warehouse.state import KnownRepositories, sorted_ids


class Fetcher:
    """Fetches the repositories of all companies of one run.

    Attributes:
        gone: ids of repositories to remove: deleted, hidden, or owned by an
            account that is not tracked.
        confirmed_owners: by repository id, the company that owns a
            repository whose owner was looked up: only the observation from
            that company is written. None to write no observation.
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
        self.confirmed_owners: dict[int, int | None] = {}
        # the part of the spool's ids that comes from each company's list
        self._list_slices: dict[int, slice] = {}
        self._readers: list[CompanyReader] = []
        self._client = client
        self._source = source
        self._known = known
        self._spool = spool
        self._clock = clock
        self._report = report
        self._queue = LanguageQueue(known)
        self._lock = threading.Lock()

    def read(self, planned: Sequence[PlannedReading]) -> None:
        """Read the lists of companies, several at a time."""
        self._readers += self._client.map(self._read_list, planned)

    def finish(
        self, tracked_ids: frozenset[int], rule: RemovalRule
    ) -> list[CompanyResult]:
        """Look up doubtful and missing repositories; read languages.

        Args:
            tracked_ids: account ids of all tracked companies, including those
                that are not read now.
            rule: how many repositories a sweep may remove.

        Returns:
            The result of each company, in the order in which they were read.

        Raises:
            TokenRefusedError: GitHub refused every token, and no company was
                read.
        """
        readers = self._readers
        refusals = [
            reader.failure
            for reader in readers
            if isinstance(reader.failure, TokenRefusedError)
        ]
        if refusals and len(refusals) == len(readers):
            raise refusals[0]
        for reader in readers:
            confirm_login(reader)
        seen = sorted_ids(self._spool.repo_ids)
        self._confirm_claims(seen, tracked_ids)
        for reader in readers:
            self._resolve_missing(reader, seen, tracked_ids, rule)
        self._read_languages(readers)
        return [reader.result() for reader in readers]

    def _read_list(self, planned: PlannedReading) -> CompanyReader:
        reader = CompanyReader(
            planned, self._source, self._client, self._clock
        )
        part = reader.read(self._spool.new_part, self._report)
        if part is not None:
            with self._lock:
                start = len(self._spool.repo_ids)
                self._spool.take_over(part)
                self._list_slices[planned.company.account.account_id] = slice(
                    start, len(self._spool.repo_ids)
                )
                for observation in reader.without_languages:
                    self._queue.add(observation)
        _log_company(reader.result())
        return reader

    def _confirm_claims(
        self, seen: 'array[int]', tracked_ids: frozenset[int]
    ) -> None:
        """Look up the owners that must be confirmed."""
        lists = {
            company_id: self._spool.repo_ids[part]
            for company_id, part in self._list_slices.items()
        }
        readers = {
            each.company.account.account_id: each for each in self._readers
        }
        claims = find_claims(lists, seen, self._known)
        for confirmed in confirm_claims(claims, readers, tracked_ids):
            repo_id = confirmed.claim.repository.repo_id
            self.confirmed_owners[repo_id] = confirmed.owner
            if confirmed.observation is not None:
                self._spool.add(confirmed.observation)
                self._queue.add(confirmed.observation)
            elif confirmed.is_gone:
                self.gone.append(repo_id)

    def _read_languages(self, readers: Sequence[CompanyReader]) -> None:
        """Read the languages that are due, as many as the budget allows."""
        results = {
            reader.company.account.account_id: reader.result()
            for reader in readers
            if reader.status != 'failed'
        }
        sessions = {
            reader.company.account.account_id: reader.session
            for reader in readers
            if reader.session is not None
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

    def _resolve_missing(
        self,
        reader: CompanyReader,
        seen: Sequence[int],
        tracked_ids: frozenset[int],
        rule: RemovalRule,
    ) -> None:
        """Look up known repositories that a complete sweep did not see."""
        result = reader.result()
        if result.status != 'succeeded' or result.mode != SWEEP:
            return
        login, company_id = result.account.login, result.account.account_id
        missing = self._known.missing(company_id, seen)
        if not missing:
            return
        try:
            rule.check(login, len(missing), self._known.count(company_id))
        except ListIncompleteError as error:
            reader.set_failure('incomplete', error)
            return
        present, gone = look_up_missing(reader, missing, tracked_ids)
        self.gone += gone
        for observation in present:
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
