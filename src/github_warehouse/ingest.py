"""The daily ingest, in two phases.

Phase I reads the state and closes. Phase II reads GitHub with no database
connection open, then writes all of it in one transaction.
"""

from contextlib import closing
from datetime import datetime

from structlog.contextvars import bound_contextvars

from github_warehouse.alerts import (
    Findings,
    alert_by_the_clock,
    alert_of_failure,
    alert_of_run,
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
from github_warehouse.run import Run, RunOptions, RunResult
from github_warehouse.warehouse.connection import Warehouse
from github_warehouse.warehouse.runs import find_killed_run, take_run_lock
from github_warehouse.warehouse.spool import Spool


def _report_nothing(login: str, read: int, total: int | None) -> None:
    """Be silent."""


def ingest(
    warehouse: Warehouse,
    settings: Settings,
    options: RunOptions,
    report: ReportProgress = _report_nothing,
    clock: Clock | None = None,
) -> RunResult:
    """Run once, and send the alerts that follow from how it ended.

    Args:
        warehouse: where to write.
        settings: from the environment.
        options: from the command line.
        report: called as the reading proceeds.
        clock: business time and waiting; None: the computer's clock.

    Raises:
        UsageError: the run was refused; nothing was written but a row in the
            run log.
        RunInProgressError: another run is going on, or has just written.
        WarehouseError: nothing was written but a row in the run log.
    """

    def now() -> datetime:
        return options.as_of or utc_now()

    if find_killed_run(warehouse):
        # before this run, which may be killed for the same reason
        alert_by_the_clock(settings, warehouse, now())
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
    """Read the state, read GitHub, write."""
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
