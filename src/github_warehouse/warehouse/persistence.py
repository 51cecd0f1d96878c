"""Retry the write when PostgreSQL fails, without losing or repeating rows."""

from dataclasses import dataclass, replace
from datetime import date, datetime

import structlog
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential,
)

from github_warehouse.errors import DatabaseAwayError
from github_warehouse.warehouse.companies import lock_writes
from github_warehouse.warehouse.connection import (
    Cursor,
    Warehouse,
    connect,
    transaction,
)
from github_warehouse.warehouse.load import (
    Observed,
    write_observed,
)
from github_warehouse.warehouse.runs import RunRecord
from github_warehouse.warehouse.state import State
from github_warehouse.warehouse.tables import WriteCounts


@dataclass
class _Write:
    """The arguments of a write, and the state of its tries."""

    warehouse: Warehouse
    observed: Observed
    state: State
    run: RunRecord
    retention_days: int
    retention_as_of: date
    session: tuple[int, datetime] | None = None
    written: WriteCounts | None = None

    def try_once(self) -> WriteCounts:
        """Write the run, unless an earlier try was committed after all."""
        # only this process starts the embedded server: do not wait for it
        restart = self.warehouse.start_again
        warehouse = self.warehouse
        if restart is not None:
            warehouse = replace(warehouse, url=restart())
        with (
            connect(warehouse, is_patient=restart is None) as connection,
            transaction(connection) as cursor,
        ):
            self.session = _replace_session(cursor, self.session)
            lock_writes(cursor)
            if self.written is None or not _is_committed(cursor, self.run):
                self.written = write_observed(
                    cursor,
                    self.observed,
                    self.state,
                    self.run,
                    self.retention_days,
                    self.retention_as_of,
                )
        return self.written


def write_with_retries(
    warehouse: Warehouse,
    observed: Observed,
    state: State,
    run: RunRecord,
    retention_days: int,
    retention_as_of: date,
) -> WriteCounts:
    """Write a run; wait for a server that is down, and retry.

    The spool can hold hours of GitHub's rate limit. When the connection
    breaks, everything is written again, unless the commit succeeded.

    Args:
        warehouse: where to write.
        observed: what Phase II read from GitHub.
        state: what Phase I read from the warehouse.
        run: the row for the run log.
        retention_days: age in days beyond which snapshots are dropped.
        retention_as_of: UTC day from which that age is counted.

    Raises:
        AuditError: an audit found wrong rows; nothing was written.
        DatabaseAwayError: PostgreSQL stayed down, or broke every connection.
        RunInProgressError: another run has committed since this one began.
    """
    write = _Write(
        warehouse, observed, state, run, retention_days, retention_as_of
    )
    try:
        result: WriteCounts = _TRIES(write.try_once)
        return result
    except DatabaseAwayError as error:
        if write.written is None:
            raise
        raise DatabaseAwayError(
            f'{error}; the day may or may not have been written: '
            'run `github-warehouse status` when PostgreSQL is back'
        ) from error


def _log_retry(state: RetryCallState) -> None:
    structlog.get_logger().warning(
        'the write failed, retrying',
        reason=str(state.outcome and state.outcome.exception()),
    )


_TRIES = Retrying(
    stop=stop_after_attempt(4),
    wait=wait_exponential(),
    retry=retry_if_exception_type(DatabaseAwayError),
    before_sleep=_log_retry,
    reraise=True,
)


def _replace_session(
    cursor: Cursor, earlier: tuple[int, datetime] | None
) -> tuple[int, datetime]:
    """End the session of an earlier try, which may still hold its locks.

    Returns:
        Process ID and start (UTC) of this transaction; together unique.
    """
    if earlier is not None:
        cursor.execute(
            'select pg_terminate_backend(pid) from pg_stat_activity'
            ' where pid = %s and xact_start = %s',
            earlier,
        )
    cursor.execute('select pg_backend_pid(), now()')
    pid, started_at = cursor.fetchone() or (0, datetime.min)
    return pid, started_at


def _is_committed(cursor: Cursor, run: RunRecord) -> bool:
    """Return whether an earlier try was committed after all."""
    cursor.execute(
        'select from pipeline_runs where run_id = %s', (run.run_id,)
    )
    return cursor.fetchone() is not None
