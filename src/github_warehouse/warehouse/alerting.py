"""Which alerts were sent, and what there is to be alerted of."""

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
    """Keep other runs from alerting of the same, in one transaction.

    Raises:
        DatabaseError: the warehouse is away, or has no such table yet.
    """
    with connect(warehouse.url) as connection:
        with transaction(connection) as cursor:
            cursor.execute('lock table alerts in exclusive mode')
            yield cursor


def read_alerts(cursor: Cursor) -> dict[str, str]:
    """Read what was told and is not over yet: messages by key."""
    cursor.execute('select alert_key, message from alerts')
    return dict(cursor.fetchall())


def write_alerts(
    cursor: Cursor, messages: Mapping[str, str], now: datetime
) -> None:
    """Keep what is told by now, and nothing else."""
    cursor.execute(
        'delete from alerts where alert_key <> all(%s)', (list(messages),)
    )
    cursor.executemany(
        'insert into alerts (alert_key, message, raised_at)'
        ' values (%s, %s, %s) on conflict (alert_key) do nothing',
        [(key, message, now) for key, message in messages.items()],
    )


def stale_companies(cursor: Cursor, now: datetime) -> dict[str, datetime]:
    """Tell which tracked companies were not read whole for two days.

    Returns:
        By login, since when (UTC).
    """
    cursor.execute(read_sql('stale_companies'), {'now': now})
    return dict(cursor.fetchall())


def companies_ahead(cursor: Cursor, now: datetime) -> list[str]:
    """Name the tracked companies that were read in the future."""
    cursor.execute(read_sql('companies_ahead'), {'now': now})
    return [login for (login,) in cursor.fetchall()]


def tracked_companies(cursor: Cursor) -> frozenset[str]:
    """Name the companies that are tracked."""
    cursor.execute('select company_name from companies where is_tracked')
    return frozenset(login for (login,) in cursor.fetchall())
