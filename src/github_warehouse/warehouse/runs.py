"""The run log, the lock of a run, and traces of killed runs."""

import fcntl
import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import IO, Any

import structlog

from github_warehouse.errors import RunInProgressError, SettingsError
from github_warehouse.model import SWEEP, CompanyResult
from github_warehouse.warehouse.connection import (
    Connection,
    Cursor,
    Warehouse,
    transaction,
)
from github_warehouse.warehouse.private import make_private, open_lock
from github_warehouse.warehouse.statements import read_sql

_HOLDER = re.compile(r'process \d{1,10} since [-0-9]{10} [:0-9]{8} UTC')
_NOTHING_WRITTEN = {
    'repositories_updated': 0,
    'snapshots_fresh': 0,
    'snapshots_carried': 0,
    'language_rows': 0,
    'warnings': (),
}


@dataclass(frozen=True)
class RunRecord:
    """A run's row in the run log, without the counts of what it wrote.

    Attributes:
        run_id: ID of the run.
        started_at: business time, UTC.
        began: the monotonic clock at that time, seconds.
        day: UTC day that the run records.
        api_host: host of the GitHub API.
        source: API that was read: graphql or rest.
        requests: number of requests sent.
        points: GraphQL points spent.
        budget_left: requests or points left of the rate limit, as last
            reported by GitHub; None if unknown.
        error: what went wrong, in one line; None if nothing did.
    """

    run_id: int
    started_at: datetime
    began: float
    day: date
    api_host: str
    source: str
    requests: int
    points: int
    budget_left: int | None
    error: str | None

    def elapsed(self) -> timedelta:
        """Return how long the run has taken so far."""
        return timedelta(seconds=time.monotonic() - self.began)


def write_run(
    cursor: Cursor,
    run: RunRecord,
    companies: Sequence[CompanyResult],
    written: Mapping[str, object],
) -> None:
    """Add rows to the run log: one for the run, one for each company.

    Args:
        cursor: cursor of an open transaction.
        run: the run.
        companies: the result of each company.
        written: attributes of WriteCounts.
    """
    unread = [each for each in companies if each.status != 'succeeded']
    status = 'partial' if unread or run.error else 'succeeded'
    errors = [run.error, *(each.error for each in companies)]
    complete = replace(run, error='; '.join(filter(None, errors)) or None)
    _insert_run(cursor, complete, companies, written, status)
    cursor.execute(
        read_sql('write_run_companies'),
        {'run_id': run.run_id, 'day': run.day},
    )


def next_run_id(cursor: Cursor) -> int:
    """Reserve the ID of a run."""
    cursor.execute(
        'select nextval(pg_get_serial_sequence(%s, %s))',
        ('pipeline_runs', 'run_id'),
    )
    (run_id,) = cursor.fetchone() or (0,)
    return int(run_id)


def log_failed_run(connection: Connection, run: RunRecord) -> None:
    """Log a run that wrote nothing, in its own transaction.

    A run without an ID gets the next one. Nothing is logged if the warehouse
    was never migrated.
    """
    with transaction(connection) as cursor:
        cursor.execute('select to_regclass(%s)', ('pipeline_runs',))
        if cursor.fetchone() == (None,):
            return
        run = replace(run, run_id=run.run_id or next_run_id(cursor))
        _insert_run(cursor, run, (), _NOTHING_WRITTEN, 'failed')


def _insert_run(
    cursor: Cursor,
    run: RunRecord,
    companies: Sequence[CompanyResult],
    written: Mapping[str, Any],
    status: str,
) -> None:
    modes = {each.mode for each in companies} or {SWEEP}
    cursor.execute(
        read_sql('write_run'),
        {
            **written,
            **vars(run),
            'finished_at': run.started_at + run.elapsed(),
            'status': status,
            'warnings': '; '.join(written['warnings']) or None,
            'mode': 'mixed' if len(modes) > 1 else modes.pop(),
            'companies': len(companies),
            'companies_failed': sum(
                each.status != 'succeeded' for each in companies
            ),
        },
    )


@contextmanager
def take_run_lock(warehouse: Warehouse) -> Iterator[None]:
    """Hold a file lock, which the system releases even after a crash.

    Raises:
        RunInProgressError: another process holds the lock.
        SettingsError: the folder is not private or not writable.
    """
    path = warehouse.lock_file
    try:
        make_private(path.parent)
        handle = _open_locked(path)
    except BlockingIOError as error:
        raise RunInProgressError(
            f'another ingest into the {warehouse.name} is in progress'
            f'{_holder(path)}: this one wrote nothing'
        ) from error
    except OSError as error:
        raise SettingsError(
            f'cannot lock {path}: {error.strerror}; its folder must belong to '
            'this account, and no other account may write to it'
        ) from error
    with handle:
        since = datetime.now(UTC).strftime('%Y-%m-%d %H:%M:%S')
        handle.truncate()
        handle.write(f'process {os.getpid()} since {since} UTC\n'.encode())
        handle.flush()
        try:
            yield
        except SystemExit:
            # ended by a signal: keep the file for find_killed_run
            raise
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        path.unlink(missing_ok=True)


def find_killed_run(warehouse: Warehouse) -> str | None:
    """Return which run was killed: its lock file exists but is not locked.

    Returns:
        Its process and start time; empty if no run was killed; None while a
        run is in progress.
    """
    path = warehouse.lock_file
    try:
        with open(path, 'rb') as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return _holder(path).removeprefix(', ')
    except BlockingIOError:
        return None
    except FileNotFoundError:
        # a run that was not killed deletes its lock file
        return ''
    except OSError as error:
        # finding a killed run must not stop this one
        structlog.get_logger().warning(
            'cannot check for a killed run', file=str(path), reason=str(error)
        )
        return ''


def _open_locked(path: Path) -> IO[bytes]:
    """Open and lock a file; retry if its holder has just deleted it."""
    while True:
        handle = open_lock(path)
        try:
            _lock(handle)
            if os.path.samestat(os.fstat(handle.fileno()), path.stat()):
                return handle
        except FileNotFoundError:
            # its holder deleted it before we locked it: try again
            pass
        except OSError:
            handle.close()
            raise
        handle.close()


def _lock(handle: IO[bytes]) -> None:
    """Take a lock; retry, because find_killed_run holds it for a moment."""
    for is_last in (False, False, True):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if is_last:
                raise
            time.sleep(0.1)


def _holder(path: Path) -> str:
    """Return which process holds a lock and since when, from its file."""
    try:
        match = _HOLDER.match(path.read_text('ascii', 'replace'))
    except OSError:
        match = None
    return f', {match[0]}' if match else ''
