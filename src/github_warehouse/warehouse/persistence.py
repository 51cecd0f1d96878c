"""Write although PostgreSQL fails: nothing is lost, nothing doubled."""

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
    WriteCounts,
    write_observed,
)
from github_warehouse.warehouse.runs import RunRecord
from github_warehouse.warehouse.state import State


def write_persistently(
    warehouse: Warehouse,
    observed: Observed,
    state: State,
    run: RunRecord,
    retention_days: int,
    retention_from: date,
) -> WriteCounts:
    """Write a run; wait for a server that is away, and write again.

    Hours of GitHub's budget are in the spool. When the connection breaks, all
    is written again, unless the commit has come through.

    Args:
        warehouse: where to write.
        observed: what was read.
        state: what was known before.
        run: what the run log is to say.
        retention_days: age in days beyond which snapshots are dropped.
        retention_from: UTC day from which that age is counted.

    Raises:
        AuditError: rows would have been wrong; nothing was written.
        DatabaseAwayError: PostgreSQL stayed away, or broke every connection.
        RunInProgressError: another run has committed since this one began.
    """
    session: tuple[int, datetime] | None = None
    written: WriteCounts | None = None

    def write() -> WriteCounts:
        nonlocal session, written
        # nobody else starts the embedded server: it is not waited for
        again = warehouse.start_again
        url = again() if again else warehouse.url
        with (
            connect(url, is_patient=again is None) as connection,
            transaction(connection) as cursor,
        ):
            session = _replace_session(cursor, session)
            lock_writes(cursor)
            if written is None or not _is_committed(cursor, run):
                written = write_observed(
                    cursor,
                    observed,
                    state,
                    run,
                    retention_days,
                    retention_from,
                )
        return written

    try:
        result: WriteCounts = _TRIES(write)
        return result
    except DatabaseAwayError as error:
        if written is None:
            raise
        raise DatabaseAwayError(
            f'{error}; the day may be written or not: '
            '`github-warehouse status` tells, once PostgreSQL is back'
        ) from error


def _log_again(state: RetryCallState) -> None:
    structlog.get_logger().warning(
        'the write failed, trying again',
        reason=str(state.outcome and state.outcome.exception()),
    )


_TRIES = Retrying(
    stop=stop_after_attempt(4),
    wait=wait_exponential(),
    retry=retry_if_exception_type(DatabaseAwayError),
    before_sleep=_log_again,
    reraise=True,
)


def _replace_session(
    cursor: Cursor, earlier: tuple[int, datetime] | None
) -> tuple[int, datetime]:
    """End the session of an earlier try: it may not know that it is over.

    Returns:
        Process number and start of this transaction; no other one has both.
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
    """Tell whether an earlier try was committed after all."""
    cursor.execute(
        'select from pipeline_runs where run_id = %s', (run.run_id,)
    )
    return cursor.fetchone() is not None
