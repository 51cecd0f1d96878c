"""Retention: drop expired days, without waiting long for a lock."""

from datetime import date

import psycopg2.errors
import structlog

from github_warehouse.warehouse.connection import Cursor
from github_warehouse.warehouse.partitions import (
    FACTS,
    drop_partition,
    oldest_retained,
    partition_days,
)

_LOCK_TIMEOUT = '2s'


def drop_expired(cursor: Cursor, today: date, retention_days: int) -> int:
    """Drop the partitions of days past retention; return how many.

    If a reader still uses one of them, none is dropped. The next run tries
    again.

    Args:
        cursor: cursor of an open transaction.
        today: UTC day of the run.
        retention_days: age in days beyond which days are dropped.
    """
    expired = _expired_partitions(
        cursor, oldest_retained(today, retention_days)
    )
    cursor.execute('savepoint retention')
    try:
        cursor.execute(
            'select set_config(\'lock_timeout\', %s, true)', (_LOCK_TIMEOUT,)
        )
        for name in expired:
            drop_partition(cursor, name)
    except (
        psycopg2.errors.LockNotAvailable,
        psycopg2.errors.DeadlockDetected,
    ):
        cursor.execute('rollback to savepoint retention')
        structlog.get_logger().warning(
            'retention postponed: another session is reading expired days',
            partitions=len(expired),
        )
        return 0
    cursor.execute('release savepoint retention')
    return len(expired)


def _expired_partitions(cursor: Cursor, oldest: date) -> list[str]:
    """Return the names of the partitions of days before `oldest`."""
    return [
        name
        for table in FACTS
        for day, name in partition_days(cursor, table).items()
        if day < oldest
    ]
