"""Read one company's repositories, with a fallback for token and API."""

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

# Called with a company's login, the number of repositories read so far, and
# their total, which is None when unknown.
ReportProgress = Callable[[str, int, int | None], None]


class CompanyReader:
    """Reads the repositories of one company.

    It uses one token for the whole list. When GitHub refuses the token, it
    starts over with another one.

    Attributes:
        company: the company to read.
        source: the source used last; None until the first is used.
        status: succeeded, incomplete or failed, as in CompanyResult.
        failure: why the company was not read completely; None if it was.
        without_languages: repositories observed without their languages.
    """

    def __init__(
        self,
        planned: PlannedReading,
        preferred: SourceName,
        client: GitHubClient,
        now: Callable[[], datetime],
    ) -> None:
        """Prepare to read a company.

        Args:
            planned: the company, and whether to sweep it.
            preferred: the API to use if the server has it.
            client: the client of the run.
            now: returns the business time, UTC.
        """
        self.company = planned.company
        self._since = planned.since
        self.source: Source | None = None
        self.status = 'succeeded'
        self.failure: WarehouseError | None = None
        self.without_languages: list[RepoObservation] = []
        self._preferred = preferred
        self._client = client
        self._cost = Cost()
        self._observed = 0
        self._began, self._started_at = time.monotonic(), now()
        self._finished_at = self._started_at

    @property
    def session(self) -> GitHubSession | None:
        """The session used last; None before the first."""
        return None if self.source is None else self.source.session

    def read(
        self, new_spool: Callable[[], Spool], report: ReportProgress
    ) -> Spool | None:
        """Read the company's repositories into a spool.

        Errors that concern only this company do not rise: they set `status`
        and `failure`.

        Args:
            new_spool: creates an empty spool.
            report: called after each repository.

        Returns:
            The spool; None if the company failed.

        Raises:
            StoppedError: the run is over.
            OSError: the spool cannot be written.
        """
        self._began = time.monotonic()
        try:
            return self._read_with_token(new_spool, report)
        except (StoppedError, OSError):
            raise
        except Exception as error:
            self.without_languages.clear()
            self.set_failure('failed', as_warehouse_error(error))
            return None
        finally:
            self._finished_at = self._started_at + timedelta(
                seconds=time.monotonic() - self._began
            )

    def set_failure(self, status: str, failure: WarehouseError) -> None:
        """Record why the company was not read completely."""
        self.status, self.failure = status, failure

    def result(self) -> CompanyResult:
        """Return the outcome, and the cost so far."""
        account = self.company.account
        return CompanyResult(
            account=(self.source and self.source.account) or account,
            started_at=self._started_at,
            finished_at=self._finished_at,
            status=self.status,
            mode=SWEEP if self._since is None else INCREMENTAL,
            read_by=self.source.name if self.source else self._preferred,
            repositories_observed=self._observed,
            requests=self._cost.requests,
            points=self._cost.points,
            budget_left=self.session.budget_left if self.session else None,
            error=None if self.failure is None else str(self.failure),
        )

    def _read_with_token(
        self, new_spool: Callable[[], Spool], report: ReportProgress
    ) -> Spool:
        """Read with the best token, and with the next one if it is refused.

        Raises:
            TokenRefusedError: GitHub refused every token.
        """
        while True:
            session = open_session(
                self._client, RESOURCES[self._preferred], self._cost
            )
            try:
                return self._read_with_api(session, new_spool, report)
            except TokenRefusedError as refusal:
                if self._client.tokens.are_all_refused():
                    raise
                structlog.get_logger().warning(
                    'starting over with another token',
                    company=self.company.account.login,
                    reason=str(refusal),
                )
            finally:
                self._client.tokens.release(session.token)

    def _read_with_api(
        self,
        session: GitHubSession,
        new_spool: Callable[[], Spool],
        report: ReportProgress,
    ) -> Spool:
        """Read with the preferred API; over REST if GraphQL is unavailable."""
        try:
            return self._fill(new_spool(), self._preferred, session, report)
        except QueryRefusedError as refusal:
            structlog.get_logger().warning(
                'reading over REST',
                company=self.company.account.login,
                reason=str(refusal),
            )
            # REST has a budget of its own
            rest_session = GitHubSession(
                self._client, session.token, RESOURCES['rest'], self._cost
            )
            return self._fill(new_spool(), 'rest', rest_session, report)

    def _fill(
        self,
        spool: Spool,
        name: SourceName,
        session: GitHubSession,
        report: ReportProgress,
    ) -> Spool:
        """Fill a spool with the list; keep an incomplete list too."""
        account = self.company.account
        self.source = make_source(name, session, self.company.repositories)
        self.without_languages.clear()
        self._observed = 0
        try:
            report(account.login, 0, None)
            for observation in self.source.observations(account, self._since):
                spool.add(observation)
                if observation.languages is None:
                    self.without_languages.append(observation)
                self._observed += 1
                report(account.login, self._observed, self.source.total)
        except ListIncompleteError as incomplete:
            self.set_failure('incomplete', incomplete)
        except OutOfTimeError as error:
            if not self._observed:
                spool.close()
                raise
            self.set_failure('incomplete', error)
        except BaseException:
            spool.close()
            self._observed = 0
            raise
        return spool
