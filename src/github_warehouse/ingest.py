"""The daily ingest, in two phases.

Phase I reads the state of the warehouse and closes the connection. Phase II
reads GitHub without a connection, then writes everything in one transaction.
"""

from contextlib import closing
from datetime import datetime

from structlog.contextvars import bound_contextvars

from github_warehouse.alerts import (
    Findings,
    alert_of_failure,
    alert_of_run,
    alert_of_status,
)
from github_warehouse.company_reader import ReportProgress
from github_warehouse.config import Settings
from github_warehouse.errors import (
    RunInProgressError,
    as_warehouse_error,
)
from github_warehouse.github.client import GitHubClient
from github_warehouse.github.clock import Clock
from github_warehouse.model import utc_now
from github_warehouse.preconditions import check_host, check_time
from github_warehouse.run import Run
from github_warehouse.run_result import RunOptions, RunResult
from github_warehouse.warehouse.connection import Warehouse
from github_warehouse.warehouse.runs import find_killed_run, take_run_lock
from github_warehouse.warehouse.spool import Spool


def _report_nothing(login: str, read: int, total: int | None) -> None:
    """Ignore progress."""


def ingest(
    warehouse: Warehouse,
    settings: Settings,
    options: RunOptions,
    report: ReportProgress = _report_nothing,
    clock: Clock | None = None,
) -> RunResult:
    """Run once, and send alerts about its result.

    Args:
        warehouse: the warehouse to write to.
        settings: settings from the environment.
        options: options from the command line.
        report: called after each repository.
        clock: gives the time that the run goes by, and waits; None for the
            machine's clock.

    Raises:
        UsageError: the command or a setting is wrong; only a row in the run
            log was written.
        RunInProgressError: another run is in progress, or wrote while this
            one was reading GitHub.
        WarehouseError: the run failed; only a row in the run log was written.
    """

    def now() -> datetime:
        return options.as_of or utc_now()

    if find_killed_run(warehouse):
        # not after the run, which sends no alert if it is killed too
        alert_of_status(settings, warehouse, now())
    try:
        result = _ingest(warehouse, settings, options, report, clock)
    except (Exception, KeyboardInterrupt) as error:
        failure = as_warehouse_error(error)
        alert_of_failure(settings, warehouse, now(), failure)
        raise failure from error
    alert_of_run(settings, warehouse, now(), _findings(result))
    return result


def _findings(result: RunResult) -> Findings:
    return Findings(
        unread={
            each.account.account_id: (
                f'{each.account.login} was not read completely: {each.error}'
            )
            for each in result.unread
        },
        read=[each.account.account_id for each in result.read],
        not_found=result.not_found,
        out_of_time=result.out_of_time,
        warnings=result.written.warnings,
    )


def _ingest(
    warehouse: Warehouse,
    settings: Settings,
    options: RunOptions,
    report: ReportProgress,
    clock: Clock | None,
) -> RunResult:
    """Read the state, read GitHub, and write."""
    clock = clock or Clock()
    started_at = options.as_of or clock.now()
    with (
        take_run_lock(warehouse),
        GitHubClient(settings, clock, started_at) as client,
    ):
        run = Run(warehouse, settings, options, client, started_at)
        try:
            with (
                closing(run.read_state()) as state,
                closing(Spool()) as spool,
                bound_contextvars(run=state.run_id),
            ):
                check_host(settings, state.api_host)
                check_time(options.as_of, started_at, settings, state)
                run.check_partitions()
                observed = run.fetch(state, spool, report)
                return run.write(state, observed)
        except RunInProgressError:
            raise
        except (Exception, KeyboardInterrupt) as error:
            failure = as_warehouse_error(error)
            run.log_failure(failure)
            raise failure from error
