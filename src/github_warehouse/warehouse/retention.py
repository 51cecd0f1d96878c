"""Retention: drop the days that are older than asked for; never wait long."""

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
    """Drop the partitions of days older than retention; count them.

    A reader that holds one of them open is not waited for: all of them then
    go at the next run.
    """
    oldest = oldest_retained(today, retention_days)
    expired = [
        name
        for table in FACTS
        for day, name in partition_days(cursor, table).items()
        if day < oldest
    ]
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
            'retention put off: somebody reads the oldest days',
            partitions=len(expired),
        )
        return 0
    cursor.execute('release savepoint retention')
    return len(expired)
