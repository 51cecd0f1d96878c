"""Turn errors of psycopg2 into typed errors with one-line messages."""

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
    """Return a typed error for an error of a connection.

    Args:
        server: the server's name, for the message.
        error: the error that psycopg2 raised.
        connection: the connection that it was raised on.
        watch: the watch of the connection, which records blocking sessions.
    """
    cause = error
    if isinstance(error, psycopg2.InterfaceError) and isinstance(
        error.__context__, psycopg2.Error
    ):
        # raised by the rollback, because the connection is broken: report
        # the error that broke it
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
    """Return the first line of an error message of PostgreSQL or libpq."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].removeprefix('FATAL:').strip()
