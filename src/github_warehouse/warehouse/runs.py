"""The run log: one row for each run, one for each company of it."""

import fcntl
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from github_warehouse.errors import RunInProgressError
from github_warehouse.model import SWEEP, CompanyFetch
from github_warehouse.warehouse.connection import (
    Connection,
    Cursor,
    Warehouse,
    read_sql,
    transaction,
)

_NOTHING_WRITTEN = {
    'repositories_updated': 0,
    'snapshots_fresh': 0,
    'snapshots_carried': 0,
    'language_rows': 0,
    'warnings': (),
}


@dataclass(frozen=True)
class RunRecord:
    """What the run log says of a run, but for what it wrote.

    Attributes:
        run_id: its number.
        started_at: business time, UTC.
        began: the monotonic clock at that time, seconds.
        day: the UTC day it records.
        api_host: host whose data it wrote.
        source: graphql or rest.
        budget_left: requests or points left, as GitHub last said.
        error: what went wrong, in one line; None when nothing did.
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
        """Return how long the run has taken by now."""
        return timedelta(seconds=time.monotonic() - self.began)


def write_run(
    cursor: Cursor,
    run: RunRecord,
    fetches: Sequence[CompanyFetch],
    written: Mapping[str, object],
) -> None:
    """Log a run that wrote what is counted."""
    unread = [fetch for fetch in fetches if fetch.status != 'succeeded']
    status = 'partial' if unread or run.error else 'succeeded'
    errors = [run.error, *(fetch.error for fetch in fetches)]
    whole = replace(run, error='; '.join(filter(None, errors)) or None)
    _insert_run(cursor, whole, fetches, written, status)
    cursor.execute(
        read_sql('write_run_companies'),
        {'run_id': run.run_id, 'day': run.day},
    )


def log_failed_run(connection: Connection, run: RunRecord) -> None:
    """Log a run that wrote nothing, in a transaction of its own."""
    with transaction(connection) as cursor:
        _insert_run(cursor, run, (), _NOTHING_WRITTEN, 'failed')


def _insert_run(
    cursor: Cursor,
    run: RunRecord,
    fetches: Sequence[CompanyFetch],
    written: Mapping[str, Any],
    status: str,
) -> None:
    modes = {fetch.mode for fetch in fetches} or {SWEEP}
    cursor.execute(
        read_sql('write_run'),
        {
            **written,
            **vars(run),
            'finished_at': run.started_at + run.elapsed(),
            'status': status,
            'warnings': '; '.join(written['warnings']) or None,
            'mode': 'mixed' if len(modes) > 1 else modes.pop(),
            'companies': len(fetches),
            'companies_failed': sum(
                fetch.status != 'succeeded' for fetch in fetches
            ),
        },
    )


@contextmanager
def only_run_on_this_host(warehouse: Warehouse) -> Iterator[None]:
    """Hold a file lock, which ends with the process however it ends.

    Raises:
        RunInProgressError: another process holds it.
    """
    descriptor = os.open(
        warehouse.lock_file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600
    )
    try:
        _lock(descriptor, warehouse)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, warehouse: Warehouse) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise RunInProgressError(
            f'another ingest into the {warehouse.name} is going on: '
            'nothing was written by this one'
        ) from error
