"""Read one company: under which token, by which API, and with what result."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from github_warehouse.errors import (
    ListIncompleteError,
    OutOfTimeError,
    QueryRefusedError,
    TokenRefusedError,
    WarehouseError,
    as_warehouse_error,
)
from github_warehouse.github.budgets import open_session
from github_warehouse.github.client import Cost, GitHubClient
from github_warehouse.github.clock import StoppedError
from github_warehouse.github.session import GitHubSession
from github_warehouse.github.source import (
    RESOURCES,
    Source,
    SourceName,
    make_source,
)
from github_warehouse.model import (
    INCREMENTAL,
    SWEEP,
    CompanyResult,
    RepoObservation,
)
from github_warehouse.plan import PlannedReading
from github_warehouse.warehouse.spool import Spool

# Called with a company's login, the repositories read by now, and how many
# there are in all, None where that is not known.
ReportProgress = Callable[[str, int, int | None], None]


class CompanyReader:
    """Reads the repositories of one company.

    Uses one token for the whole list. When GitHub refuses that token, it
    reads the list again from the start under another.

    Attributes:
        company: the company to read.
        source: the source used last; None before the first.
        status: succeeded, incomplete or failed, as in CompanyResult.
        failure: why it was not read whole.
        without_languages: repositories observed without their languages.
    """

    def __init__(
        self,
        planned: PlannedReading,
        wanted: SourceName,
        client: GitHubClient,
        now: Callable[[], datetime],
    ) -> None:
        self.company = planned.company
        self._since = planned.since
        self.source: Source | None = None
        self.status = 'succeeded'
        self.failure: WarehouseError | None = None
        self.without_languages: list[RepoObservation] = []
        self._wanted = wanted
        self._client = client
        self._cost = Cost()
        self._observed = 0
        self._began, self._started_at = time.monotonic(), now()
        self._finished_at = self._started_at

    @property
    def session(self) -> GitHubSession | None:
        """The session it was read by; None where nothing could be."""
        return None if self.source is None else self.source.session

    def read(
        self, new_spool: Callable[[], Spool], report: ReportProgress
    ) -> Spool | None:
        """Read the company's list; return what came, None where it failed.

        Args:
            new_spool: makes an empty spool.
            report: called as the reading proceeds.
        """
        self._began = time.monotonic()
        try:
            return self._read_under_a_token(new_spool, report)
        except (StoppedError, OSError):
            # not about this company: the run is over, or the disk is full
            raise
        except Exception as error:
            self.without_languages.clear()
            self.fall_short('failed', as_warehouse_error(error))
            return None
        finally:
            self._finished_at = self._started_at + timedelta(
                seconds=time.monotonic() - self._began
            )

    def fall_short(self, status: str, failure: WarehouseError) -> None:
        """Note why the company was not read whole."""
        self.status, self.failure = status, failure

    def result(self) -> CompanyResult:
        """Say how it went and what it cost until now."""
        account = self.company.account
        return CompanyResult(
            account=(self.source and self.source.account) or account,
            started_at=self._started_at,
            finished_at=self._finished_at,
            status=self.status,
            mode=SWEEP if self._since is None else INCREMENTAL,
            read_by=self.source.name if self.source else self._wanted,
            repositories_observed=self._observed,
            requests=self._cost.requests,
            points=self._cost.points,
            budget_left=self.session.budget_left if self.session else None,
            error=None if self.failure is None else str(self.failure),
        )

    def _read_under_a_token(
        self, new_spool: Callable[[], Spool], report: ReportProgress
    ) -> Spool:
        """Read under the best token; under the next, if it is refused.

        Raises:
            TokenRefusedError: none is left.
        """
        while True:
            session = open_session(
                self._client, RESOURCES[self._wanted], self._cost
            )
            try:
                return self._read_by_a_source(session, new_spool, report)
            except TokenRefusedError as refusal:
                if self._client.tokens.are_refused():
                    raise
                structlog.get_logger().warning(
                    'reading again under another token',
                    company=self.company.account.login,
                    reason=str(refusal),
                )
            finally:
                self._client.tokens.give_back(session.token)

    def _read_by_a_source(
        self,
        session: GitHubSession,
        new_spool: Callable[[], Spool],
        report: ReportProgress,
    ) -> Spool:
        """Read as wanted; by REST, where GraphQL cannot be had."""
        try:
            return self._spool(self._wanted, session, new_spool(), report)
        except QueryRefusedError as refusal:
            structlog.get_logger().warning(
                'reading by REST',
                company=self.company.account.login,
                reason=str(refusal),
            )
            # a session of its own: REST has another budget
            by_rest = GitHubSession(
                self._client, session.token, RESOURCES['rest'], self._cost
            )
            return self._spool('rest', by_rest, new_spool(), report)

    def _spool(
        self,
        name: SourceName,
        session: GitHubSession,
        spool: Spool,
        report: ReportProgress,
    ) -> Spool:
        company = self.company
        self.source = make_source(name, session, company.repositories)
        self.without_languages.clear()
        self._observed = 0
        try:
            report(company.account.login, 0, None)
            for observation in self.source.observations(
                company.account, self._since
            ):
                spool.add(observation)
                if observation.languages is None:
                    self.without_languages.append(observation)
                self._observed += 1
                report(
                    company.account.login, self._observed, self.source.total
                )
        except ListIncompleteError as incomplete:
            self.fall_short('incomplete', incomplete)
        except OutOfTimeError as error:
            if not self._observed:
                spool.close()
                raise
            self.fall_short('incomplete', error)
        except BaseException:
            spool.close()
            self._observed = 0
            raise
        return spool
