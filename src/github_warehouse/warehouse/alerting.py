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
    with connect(warehouse.url) as connection:
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


def stale_companies(cursor: Cursor, now: datetime) -> dict[str, datetime]:
    """Return tracked companies that were not fully read for two days.

    Returns:
        Time (UTC) by login: of the last complete read, or of the first run
        that tried if there was none.
    """
    cursor.execute(read_sql('stale_companies'), {'now': now})
    return dict(cursor.fetchall())


def companies_ahead(cursor: Cursor, now: datetime) -> list[str]:
    """Return tracked companies whose last read is in the future."""
    cursor.execute(read_sql('companies_ahead'), {'now': now})
    return [login for (login,) in cursor.fetchall()]


def tracked_companies(cursor: Cursor) -> frozenset[str]:
    """Return the logins of all tracked companies."""
    cursor.execute('select company_name from companies where is_tracked')
    return frozenset(login for (login,) in cursor.fetchall())
