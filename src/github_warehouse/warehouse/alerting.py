"""Which alerts were sent, and what there is to be alerted of."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from github_warehouse.warehouse.connection import (
    Cursor,
    Warehouse,
    connect,
    read_sql,
    transaction,
)


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


def stale_companies(
    cursor: Cursor, now: datetime
) -> list[tuple[int, str, datetime]]:
    """Find the tracked companies not read completely for two days.

    Returns:
        Account id, login and since when (UTC) of each.
    """
    cursor.execute(read_sql('stale_companies'), {'now': now})
    return cursor.fetchall()


def companies_ahead(cursor: Cursor, now: datetime) -> list[tuple[int, str]]:
    """Find the tracked companies that were read in the future.

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
