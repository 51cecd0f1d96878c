"""Turn errors of psycopg2 into errors that say what to do."""

import psycopg2
import psycopg2.errors
import psycopg2.extensions

from github_warehouse.errors import (
    DatabaseAwayError,
    DatabaseError,
    RunInProgressError,
    WarehouseError,
)
from github_warehouse.warehouse.watch import Watch


def as_database_error(
    server: str,
    error: psycopg2.Error,
    connection: psycopg2.extensions.connection,
    watch: Watch,
) -> WarehouseError:
    """Return the error that a connection failed with, in one line.

    Args:
        server: its name, for the message.
        error: the error of the connection.
        connection: the connection.
        watch: knows which sessions blocked it.
    """
    cause = error
    if isinstance(error, psycopg2.InterfaceError) and isinstance(
        error.__context__, psycopg2.Error
    ):
        # nothing can be rolled back on a connection that broke before
        cause = error.__context__
    failed = f'the {server} failed: '
    if watch.shut_because:
        return DatabaseAwayError(failed + watch.shut_because)
    if isinstance(cause, psycopg2.errors.LockNotAvailable):
        kind = RunInProgressError if watch.is_advisory else DatabaseError
        return kind(
            f'{failed}another session did not release a lock in time: '
            f'{watch.blockers or "it has ended since"}; wait until it has '
            'ended, or end it with `select pg_terminate_backend(NUMBER)`, '
            'then run again'
        )
    if connection.closed:
        return DatabaseAwayError(failed + reason(cause))
    return DatabaseError(failed + reason(cause))


def reason(error: psycopg2.Error) -> str:
    """Return the first line of what PostgreSQL or libpq reported."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].removeprefix('FATAL:').strip()
