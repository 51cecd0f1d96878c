"""One run: its options, its phases, its row in the run log."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import structlog

from github_warehouse.companies import look_up_new, select_companies
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
from github_warehouse.warehouse.connection import (
    Warehouse,
    connect,
    transaction,
)
from github_warehouse.warehouse.load import Observed, WriteCounts
from github_warehouse.warehouse.migrate import ensure_migrated
from github_warehouse.warehouse.partitions import check_partitions
from github_warehouse.warehouse.persistence import write_persistently
from github_warehouse.warehouse.runs import RunRecord, log_failed_run
from github_warehouse.warehouse.spool import Spool
from github_warehouse.warehouse.state import State, read_state


@dataclass(frozen=True)
class RunOptions:
    """The command line's options of one run.

    Attributes:
        logins: companies to read; empty for every tracked one.
        is_full: whether every company is swept.
        source: auto, graphql or rest.
        accept_removals: whether a sweep may remove any number.
        as_of: business time, UTC, instead of the clock's.
    """

    logins: Sequence[str] = ()
    is_full: bool = False
    source: str = 'auto'
    accept_removals: bool = False
    as_of: datetime | None = None


@dataclass(frozen=True)
class RunResult:
    """What one run did.

    Attributes:
        run: its row in the run log.
        companies: the result of reading each company.
        written: what was written, counted.
        not_found: why companies that are new in COMPANIES were not found, by
            login; the message names it.
        out_of_time: that RUN_MAX_MINUTES is over, though every company was
            read; else None.
    """

    run: RunRecord
    companies: Sequence[CompanyResult]
    written: WriteCounts
    not_found: Mapping[str, str]
    out_of_time: str | None

    @property
    def failures(self) -> list[str]:
        """What went wrong besides reading companies."""
        return [*self.not_found.values(), *filter(None, [self.out_of_time])]

    @property
    def read(self) -> list[CompanyResult]:
        """The companies that were read completely."""
        return [each for each in self.companies if each.status == 'succeeded']

    @property
    def unread(self) -> list[CompanyResult]:
        """The companies that were not read completely."""
        return [each for each in self.companies if each.status != 'succeeded']


class Run:
    """One run of the ingest.

    Attributes:
        started_at: business time, UTC.
        not_found: why companies that are new in COMPANIES were not found, by
            login.
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
        self.began = time.monotonic()
        self.started_at = started_at
        self.run_id = 0
        self.is_connected = False
        self.not_found: Mapping[str, str] = {}

    def now(self) -> datetime:
        """Return the business time, UTC; `--as-of` stops it."""
        return self.options.as_of or self.client.clock.now()

    def read_state(self) -> State:
        """Phase I: read the state, and close the connection."""
        with (
            phase('I read state') as counts,
            connect(self.warehouse.url) as connection,
        ):
            self.is_connected = True
            ensure_migrated(self.warehouse, connection)
            state = read_state(connection, self.started_at)
            self.run_id = state.run_id
            counts['companies'] = len(state.companies)
        return state

    def check_partitions(self) -> None:
        """Check that the day can be written, before GitHub is read."""
        with (
            connect(self.warehouse.url) as connection,
            transaction(connection) as cursor,
        ):
            check_partitions(cursor, self.started_at.date())

    def fetch(
        self, state: State, spool: Spool, report: ReportProgress
    ) -> Observed:
        """Phase II, reading: no database connection is open.

        Args:
            state: from Phase I.
            spool: receives the observations.
            report: called as the reading proceeds.
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
            # after the tracked ones: a slow answer costs them nothing
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
            spool, companies, fetcher.gone, new.found, fetcher.settled
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
            brings_languages=self.source == 'graphql',
        )

    def write(self, state: State, observed: Observed) -> RunResult:
        """Phase II, writing: one transaction."""
        out_of_time = self.client.out_of_time
        if any(each.error for each in observed.companies):
            # which says so of each
            out_of_time = None
        failures = [*self.not_found.values(), *filter(None, [out_of_time])]
        record = self.record('; '.join(failures) or None, observed.companies)
        with phase('II write') as counts:
            written = write_persistently(
                self.warehouse,
                observed,
                state,
                record,
                self.settings.retention_days,
                self._retention_from(state.last_day),
            )
            counts.update(
                vars(written),
                warnings=len(written.warnings),
                companies_dropped=len(written.companies_dropped),
            )
        companies = [
            each
            for each in observed.companies
            if each.account.account_id not in written.companies_dropped
        ]
        result = RunResult(
            record, companies, written, self.not_found, out_of_time
        )
        _log_run(result)
        return result

    def _retention_from(self, last_day: date | None) -> date:
        """Return the UTC day from which the age of snapshots is counted.

        It is the earlier one of two clocks, because dropped days cannot be
        read again.
        """
        today = self.started_at.date()
        if self.options.as_of is not None:
            return today
        if self.client.clock_error is None:
            # no second clock: at most one day is dropped
            return min(today, (last_day or today) + timedelta(days=1))
        return min(today, (self.started_at + self.client.clock_error).date())

    def record(
        self, error: str | None, companies: Sequence[CompanyResult] = ()
    ) -> RunRecord:
        """Return the run's row in the run log.

        Args:
            error: what failed besides companies, in one line.
            companies: the result of reading each.
        """
        # rest if every company fell back to it
        used = {each.read_by for each in companies}
        source = 'rest' if used == {'rest'} else self.source
        return RunRecord(
            run_id=self.run_id,
            started_at=self.started_at,
            began=self.began,
            day=self.started_at.date(),
            api_host=self.settings.api_host,
            source=source,
            requests=self.client.cost.requests,
            points=self.client.cost.points,
            budget_left=self.client.budget_left(RESOURCES[source]),
            error=error,
        )

    def log_failure(self, error: WarehouseError) -> None:
        """Write a row into the run log for a run that wrote nothing else."""
        if isinstance(error, ClockError) and self.client.clock_error:
            self.started_at += self.client.clock_error
        if self.options.as_of is not None:
            # a refused one may be in the future
            self.started_at = min(self.started_at, utc_now())
        structlog.get_logger().error(
            'run ends', status='failed', reason=str(error)
        )
        if not self.is_connected:
            return
        try:
            with connect(self.warehouse.url) as connection:
                log_failed_run(connection, self.record(str(error)))
        except WarehouseError as second:
            structlog.get_logger().error(
                'the failed run could not be logged', reason=str(second)
            )


def _log_run(result: RunResult) -> None:
    """Log one line that sums up a run."""
    run = result.run
    structlog.get_logger().info(
        'run ends',
        day=str(run.day),
        status='partial' if result.unread or run.error else 'succeeded',
        source=run.source,
        companies=len(result.companies),
        companies_failed=len(result.unread),
        fresh=result.written.snapshots_fresh,
        carried=result.written.snapshots_carried,
        requests=run.requests,
        points=run.points,
        budget_left=run.budget_left,
        warnings=len(result.written.warnings),
        seconds=round(run.elapsed().total_seconds(), 3),
    )
