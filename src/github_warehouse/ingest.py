"""The daily ingest, in two phases.

Phase I reads the state and closes. Phase II reads GitHub with no database
connection open, then writes all of it in one transaction.
"""

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import structlog
from structlog.contextvars import bound_contextvars

from github_warehouse.company_reading import Progress
from github_warehouse.config import Settings
from github_warehouse.errors import (
    ClockError,
    RunInProgressError,
    WarehouseError,
    as_warehouse_error,
)
from github_warehouse.fetch import Fetch, RemovalRule
from github_warehouse.github.budgets import learn_budgets
from github_warehouse.github.client import GitHubClient
from github_warehouse.github.clock import Clock
from github_warehouse.github.source import RESOURCES, choose_source
from github_warehouse.logs import phase
from github_warehouse.model import CompanyFetch, utc_now
from github_warehouse.plan import plan_reading
from github_warehouse.selection import (
    check_clock,
    check_host,
    check_time,
    select_companies,
)
from github_warehouse.warehouse.connection import (
    Warehouse,
    connect,
    transaction,
)
from github_warehouse.warehouse.load import Observed, Written
from github_warehouse.warehouse.migrate import check_migrated
from github_warehouse.warehouse.partitions import check_partitions
from github_warehouse.warehouse.persistence import write_persistently
from github_warehouse.warehouse.runs import (
    RunRecord,
    log_failed_run,
    only_run_on_this_host,
)
from github_warehouse.warehouse.spool import Spool
from github_warehouse.warehouse.state import State, read_state


@dataclass(frozen=True)
class Request:
    """What one run is asked to do.

    Attributes:
        logins: companies to read; empty for every tracked one.
        is_full: whether every company is swept.
        source: auto, graphql or rest.
        accept_removals: whether a sweep may remove any number.
        as_of: business time, UTC, in place of the clock's.
    """

    logins: Sequence[str] = ()
    is_full: bool = False
    source: str = 'auto'
    accept_removals: bool = False
    as_of: datetime | None = None


@dataclass(frozen=True)
class Outcome:
    """What one run did.

    Attributes:
        run: what the run log says of it.
        fetches: how the reading of each company went.
        written: what was written, counted.
        failures: what else went wrong: companies that are new in COMPANIES
            and could not be looked up; RUN_MAX_MINUTES is over.
    """

    run: RunRecord
    fetches: Sequence[CompanyFetch]
    written: Written
    failures: Sequence[str]

    @property
    def unread(self) -> list[CompanyFetch]:
        """The companies that were not read whole."""
        return [each for each in self.fetches if each.status != 'succeeded']


def ingest(
    warehouse: Warehouse,
    settings: Settings,
    request: Request,
    progress: Progress,
    clock: Clock | None = None,
) -> Outcome:
    """Run once: read the state, read GitHub, write.

    Args:
        warehouse: where to write.
        settings: what the environment asks for.
        request: what this run is asked to do.
        progress: told how far the reading is.
        clock: tells the business time, and waits before a request is tried
            again; None: the computer's.

    Raises:
        UsageError: the request is refused; nothing was written but a line in
            the run log.
        RunInProgressError: another run is going on, or came first.
        WarehouseError: nothing was written but a line in the run log.
    """
    clock = clock or Clock()
    started_at = request.as_of or clock.now()
    with (
        only_run_on_this_host(warehouse),
        GitHubClient(settings, clock, started_at) as client,
    ):
        run = _Run(warehouse, settings, request, client, clock, started_at)
        try:
            return run.execute(progress)
        except RunInProgressError:
            raise
        except Exception as error:
            failure = as_warehouse_error(error)
            run.leave_trace(failure)
            raise failure from error


class _Run:
    """One run: what it was asked, when it began, what it costs."""

    def __init__(
        self,
        warehouse: Warehouse,
        settings: Settings,
        request: Request,
        client: GitHubClient,
        clock: Clock,
        started_at: datetime,
    ) -> None:
        self.clock = clock
        self.warehouse = warehouse
        self.settings = settings
        self.request = request
        self.client = client
        self.source = choose_source(settings, request.source)
        self.began = time.monotonic()
        self.started_at = started_at
        self.run_id = 0
        self.is_connected = False
        self.failures: Sequence[str] = ()

    def now(self) -> datetime:
        """Return the business time, UTC; `--as-of` holds it still."""
        return self.request.as_of or self.clock.now()

    def execute(self, progress: Progress) -> Outcome:
        """Go through both phases; raises what `ingest` does."""
        with (
            closing(self.read_state()) as state,
            closing(Spool()) as spool,
            bound_contextvars(run=state.run_id),
        ):
            check_host(self.settings, state.api_host)
            check_time(
                self.request.as_of, self.started_at, self.settings, state
            )
            self.check_partitions()
            return self.write(state, self.fetch(state, spool, progress))

    def read_state(self) -> State:
        """Phase I, with a connection of its own, closed at its end."""
        with (
            phase('I read state') as counts,
            connect(self.warehouse.url) as connection,
        ):
            self.is_connected = True
            check_migrated(connection)
            state = read_state(connection, self.started_at)
            self.run_id = state.run_id
            counts['companies'] = len(state.companies)
        return state

    def check_partitions(self) -> None:
        """Check, before GitHub is read, that the day can be written."""
        with (
            connect(self.warehouse.url) as connection,
            transaction(connection) as cursor,
        ):
            check_partitions(cursor, self.started_at.date())

    def fetch(
        self, state: State, spool: Spool, progress: Progress
    ) -> Observed:
        """Phase II, reading: no database connection is open."""
        with phase('II read GitHub') as counts:
            learn_budgets(self.client)
            selection = select_companies(
                state, self.settings, self.request.logins, self.client
            )
            self.failures = [str(failure) for failure in selection.failures]
            to_read = plan_reading(
                selection.to_read,
                state,
                self.settings.sweep_every_days,
                self.started_at.date(),
                self.request.is_full,
                brings_languages=self.source == 'graphql',
            )
            fetch = Fetch(
                self.client,
                self.source,
                state.known,
                spool,
                self.now,
                progress,
            )
            fetches = fetch.read(
                to_read,
                selection.tracked_ids,
                RemovalRule(
                    self.settings.max_removed_percent,
                    self.request.accept_removals,
                ),
            )
            counts['companies'] = len(fetches)
            counts['observations'] = len(spool.repo_ids)
            counts['requests'] = self.client.cost.requests
        if self.request.as_of is None:
            check_clock(self.client, self.started_at)
        return Observed(spool, fetches, fetch.gone, selection.new)

    def write(self, state: State, observed: Observed) -> Outcome:
        """Phase II, writing: one transaction."""
        failures = list(self.failures)
        if self.client.out_of_time and not any(
            fetch.error for fetch in observed.fetches
        ):
            failures.append(self.client.out_of_time)
        record = self.record('; '.join(failures) or None, observed.fetches)
        # by the earlier clock, because dropped days cannot be read again
        retention_from = self._retention_from(state.last_day)
        with phase('II write') as counts:
            written = write_persistently(
                self.warehouse,
                observed,
                state,
                record,
                self.settings.retention_days,
                retention_from,
            )
            counts.update(
                vars(written),
                warnings=len(written.warnings),
                companies_dropped=len(written.companies_dropped),
            )
        fetches = [
            fetch
            for fetch in observed.fetches
            if fetch.account.account_id not in written.companies_dropped
        ]
        outcome = Outcome(record, fetches, written, failures)
        _tell_run(outcome)
        return outcome

    def _retention_from(self, last_day: date | None) -> date:
        """Return the UTC day from which the age of snapshots is counted."""
        today = self.started_at.date()
        if self.request.as_of is not None:
            return today
        if self.client.clock_error is None:
            # nothing to compare with: at most a day is dropped
            return min(today, (last_day or today) + timedelta(days=1))
        return min(today, (self.started_at + self.client.clock_error).date())

    def record(
        self, error: str | None, fetches: Sequence[CompanyFetch] = ()
    ) -> RunRecord:
        """Return what the run log is to say of the run."""
        # rest if every company fell back to it
        read_by = {fetch.read_by for fetch in fetches}
        source = 'rest' if read_by == {'rest'} else self.source
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

    def leave_trace(self, error: WarehouseError) -> None:
        """Log the run as failed, though it wrote nothing else."""
        if isinstance(error, ClockError) and self.client.clock_error:
            self.started_at += self.client.clock_error
        if self.request.as_of is not None:
            # one that is refused may be in the future
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


def _tell_run(outcome: Outcome) -> None:
    """Log the one line that says what a run did."""
    run = outcome.run
    structlog.get_logger().info(
        'run ends',
        day=str(run.day),
        status='partial' if outcome.unread or run.error else 'succeeded',
        source=run.source,
        companies=len(outcome.fetches),
        companies_failed=len(outcome.unread),
        fresh=outcome.written.snapshots_fresh,
        carried=outcome.written.snapshots_carried,
        requests=run.requests,
        points=run.points,
        budget_left=run.budget_left,
        warnings=len(outcome.written.warnings),
        seconds=round(run.elapsed().total_seconds(), 3),
    )
