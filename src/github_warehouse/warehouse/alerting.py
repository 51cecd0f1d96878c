"""Alerts that were sent, and conditions to send alerts about."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from github_warehouse.warehouse.connection import (
    Cursor,
    Warehouse,
    connect,
    transaction,
)
from github_warehouse.warehouse.statements import read_sql


@contextmanager
def alerts_locked(warehouse: Warehouse) -> Iterator[Cursor]:
    """Lock the table of alerts, so that each alert is sent once.

    Yields:
        Cursor of the transaction that holds the lock.

    Raises:
        DatabaseError: the warehouse cannot be reached or has not been
            migrated.
    """
    with connect(warehouse) as connection:
        with transaction(connection) as cursor:
            cursor.execute('lock table alerts in exclusive mode')
            yield cursor


def read_alerts(cursor: Cursor) -> dict[str, str]:
    """Return the alerts that were sent and not resolved: messages by key."""
    cursor.execute('select alert_key, message from alerts')
    return dict(cursor.fetchall())


def write_alerts(
    cursor: Cursor, messages: Mapping[str, str], now: datetime
) -> None:
    """Replace the stored alerts by these.

    Args:
        cursor: cursor of the transaction that holds the lock.
        messages: the alerts that are active now, by key.
        now: time at which new ones were raised, UTC.
    """
    cursor.execute(
        'delete from alerts where alert_key <> all(%s)', (list(messages),)
    )
    cursor.executemany(
        'insert into alerts (alert_key, message, raised_at)'
        ' values (%s, %s, %s) on conflict (alert_key) do nothing',
        [(key, message, now) for key, message in messages.items()],
    )


def stale_companies(
    cursor: Cursor, now: datetime
) -> list[tuple[int, str, datetime]]:
    """Return tracked companies that were not fully read for two days.

    Returns:
        Account id, login and time (UTC) of each: of the last complete read,
        else when it was tracked, else of the first run that tried.
    """
    cursor.execute(read_sql('stale_companies'), {'now': now})
    return cursor.fetchall()


def companies_ahead(cursor: Cursor, now: datetime) -> list[tuple[int, str]]:
    """Return tracked companies whose last read is in the future.

    Returns:
        Account id and login of each.
    """
    cursor.execute(read_sql('companies_ahead'), {'now': now})
    return cursor.fetchall()


def tracked_companies(cursor: Cursor) -> frozenset[int]:
    """Return the account ids of the companies that are tracked."""
    cursor.execute('select company_id from companies where is_tracked')
    return frozenset(account_id for (account_id,) in cursor.fetchall())


def untracked_since(cursor: Cursor, now: datetime) -> datetime | None:
    """Return when a warehouse was created that never tracked a company.

    Returns:
        The time, UTC, if it was two days ago or more; else None.
    """
    cursor.execute(read_sql('untracked_since'), {'now': now})
    since: datetime | None
    (since,) = cursor.fetchone() or (None,)
    return since
