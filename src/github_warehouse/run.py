"""One run of the ingest: its phases, and its row in the run log."""

import time
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

import structlog

from github_warehouse.company_reader import ReportProgress
from github_warehouse.config import Settings
from github_warehouse.errors import ClockError, WarehouseError
from github_warehouse.fetch import Fetcher
from github_warehouse.github.budgets import learn_budgets
from github_warehouse.github.client import GitHubClient
from github_warehouse.github.source import RESOURCES, choose_source
from github_warehouse.logs import phase
from github_warehouse.model import Company, CompanyResult, utc_now
from github_warehouse.plan import PlannedReading, plan_reading
from github_warehouse.preconditions import check_clock
from github_warehouse.removals import RemovalRule
from github_warehouse.run_result import RunOptions, RunResult, log_run
from github_warehouse.selection import look_up_new, select_companies
from github_warehouse.warehouse.connection import (
    Warehouse,
    connect,
    transaction,
)
from github_warehouse.warehouse.load import Observed
from github_warehouse.warehouse.migrate import ensure_migrated
from github_warehouse.warehouse.partitions import check_partitions
from github_warehouse.warehouse.persistence import write_with_retries
from github_warehouse.warehouse.runs import RunRecord, log_failed_run
from github_warehouse.warehouse.spool import Spool
from github_warehouse.warehouse.state import State, read_state


class Run:
    """One run of the ingest.

    Attributes:
        started_at: the time that the run goes by, UTC: that of `--as-of`, or
            else the clock's.
        monotonic_start: the monotonic clock at the start, seconds.
        run_id: number of the run; 0 until Phase I has read it.
        has_connected: whether Phase I has connected to the warehouse.
        not_found: the error for each new login in COMPANIES that was not
            found.
    """

    def __init__(
        self,
        warehouse: Warehouse,
        settings: Settings,
        options: RunOptions,
        client: GitHubClient,
        started_at: datetime,
    ) -> None:
        self.warehouse = warehouse
        self.settings = settings
        self.options = options
        self.client = client
        self.source = choose_source(settings, options.source)
        self.monotonic_start = time.monotonic()
        self.started_at = started_at
        self.run_id = 0
        self.has_connected = False
        self.not_found: Mapping[str, str] = {}

    def now(self) -> datetime:
        """Return the business time, UTC; constant with `--as-of`."""
        return self.options.as_of or self.client.clock.now()

    def read_state(self) -> State:
        """Phase I: read the state of the warehouse."""
        with (
            phase('I read state') as counts,
            connect(self.warehouse) as connection,
        ):
            self.has_connected = True
            ensure_migrated(self.warehouse, connection)
            state = read_state(connection, self.started_at)
            self.run_id = state.run_id
            counts['companies'] = len(state.companies)
        return state

    def check_partitions(self) -> None:
        """Check that the day can be written, before GitHub is read.

        Raises:
            DatabaseError: a partition was detached or dropped by hand.
        """
        with (
            connect(self.warehouse) as connection,
            transaction(connection) as cursor,
        ):
            check_partitions(cursor, self.started_at.date())

    def fetch(
        self, state: State, spool: Spool, report: ReportProgress
    ) -> Observed:
        """Phase II, reading: read GitHub without a database connection.

        Args:
            state: the state that Phase I read.
            spool: the spool that observations are written to.
            report: called after each repository.
        """
        with phase('II read GitHub') as counts:
            learn_budgets(self.client)
            selection = select_companies(
                state, self.settings.companies, self.options.logins
            )
            fetcher = Fetcher(
                self.client, self.source, state.known, spool, self.now, report
            )
            fetcher.read(self._plan(selection.to_read, state))
            # after the tracked companies, so that a slow lookup does not
            # delay them
            new = look_up_new(selection, state, self.client)
            self.not_found = {
                login: str(failure) for login, failure in new.failures.items()
            }
            fetcher.read(self._plan(new.to_read, state))
            companies = fetcher.finish(
                frozenset(
                    each.account.account_id
                    for each in (*state.companies, *new.found)
                ),
                RemovalRule(
                    self.settings.max_removed_percent,
                    self.options.accept_removals,
                ),
            )
            counts['companies'] = len(companies)
            counts['observations'] = len(spool.repo_ids)
            counts['requests'] = self.client.cost.requests
        if self.options.as_of is None:
            check_clock(self.client, self.started_at)
        return Observed(
            spool, companies, fetcher.gone, new.found, fetcher.confirmed_owners
        )

    def _plan(
        self, companies: Sequence[Company], state: State
    ) -> Sequence[PlannedReading]:
        return plan_reading(
            companies,
            state,
            self.settings.sweep_every_days,
            self.started_at.date(),
            self.options.is_full,
            lists_have_languages=self.source == 'graphql',
        )

    def write(self, state: State, observed: Observed) -> RunResult:
        """Phase II, writing: write everything in one transaction."""
        out_of_time = self.client.out_of_time
        if any(each.error for each in observed.companies):
            # a company that ran out of time reports that as its own error
            out_of_time = None
        failures = [*self.not_found.values(), *filter(None, [out_of_time])]
        record = self.record('; '.join(failures) or None, observed.companies)
        with phase('II write') as counts:
            written = write_with_retries(
                self.warehouse,
                observed,
                state,
                record,
                self.settings.retention_days,
                self._retention_as_of(state.last_day),
            )
            counts.update(
                vars(written),
                warnings=len(written.warnings),
                companies_untracked=len(written.companies_untracked),
            )
        companies = [
            each
            for each in observed.companies
            if each.account.account_id not in written.companies_untracked
        ]
        result = RunResult(
            record, companies, written, self.not_found, out_of_time
        )
        log_run(result)
        return result

    def _retention_as_of(self, last_day: date | None) -> date:
        """Return the UTC day from which the age of snapshots is counted.

        It is the earlier of this machine's day and GitHub's, because dropped
        days cannot be restored.
        """
        today = self.started_at.date()
        if self.options.as_of is not None:
            return today
        if self.client.clock_offset is None:
            # without GitHub's time to compare, drop one day at most
            return min(today, (last_day or today) + timedelta(days=1))
        return min(today, (self.started_at + self.client.clock_offset).date())

    def record(
        self, error: str | None, companies: Sequence[CompanyResult] = ()
    ) -> RunRecord:
        """Return the run's row in the run log.

        Args:
            error: failures besides those of companies, in one line; None if
                there are none.
            companies: the result of each company.
        """
        # rest if every company fell back to REST
        used = {each.read_by for each in companies}
        source = 'rest' if used == {'rest'} else self.source
        return RunRecord(
            run_id=self.run_id,
            started_at=self.started_at,
            monotonic_start=self.monotonic_start,
            day=self.started_at.date(),
            api_host=self.settings.api_host,
            source=source,
            requests=self.client.cost.requests,
            points=self.client.cost.points,
            budget_left=self.client.budget_left(RESOURCES[source]),
            error=error,
        )

    def log_failure(self, error: WarehouseError) -> None:
        """Add a row to the run log for a run that failed."""
        if isinstance(error, ClockError) and self.client.clock_offset:
            self.started_at += self.client.clock_offset
        if self.options.as_of is not None:
            # a rejected `--as-of` may be in the future
            self.started_at = min(self.started_at, utc_now())
        number = {'run': self.run_id} if self.run_id else {}
        structlog.get_logger().error(
            'run ends', **number, status='failed', reason=str(error)
        )
        if not self.has_connected:
            return
        try:
            with connect(self.warehouse) as connection:
                log_failed_run(connection, self.record(str(error)))
        except WarehouseError as second:
            structlog.get_logger().error(
                'failed to log the failed run', reason=str(second)
            )
