"""Companies in the warehouse: list, track and untrack them."""

from collections.abc import Sequence
from typing import cast

from github_warehouse.model import Account, Company
from github_warehouse.warehouse.connection import (
    Connection,
    Cursor,
    lock_name,
    transaction,
)
from github_warehouse.warehouse.statements import read_sql


def list_companies(connection: Connection) -> list[Company]:
    """Return every company ever tracked, sorted by login."""
    with transaction(connection) as cursor:
        return read_companies(cursor)


def read_companies(cursor: Cursor) -> list[Company]:
    """Return every company ever tracked, sorted by login."""
    cursor.execute(read_sql('list_companies'))
    return [Company(Account(*row[:3]), *row[3:]) for row in cursor.fetchall()]


def lock_writes(cursor: Cursor) -> None:
    """Block every other writer to this schema until the transaction ends.

    The lock belongs to the transaction, not the session, so it works through
    a connection pooler.
    """
    connection = cast(Connection, cursor.connection)
    cursor.execute(
        'select pg_advisory_xact_lock(hashtext(%s))',
        (lock_name(connection, 'ingest'),),
    )


def track(cursor: Cursor, companies: Sequence[Company]) -> None:
    """Track companies; those that are tracked already stay unchanged.

    Waits while a run is writing.
    """
    lock_writes(cursor)
    for company in companies:
        cursor.execute(
            read_sql('track_company'),
            {
                'company_id': company.account.account_id,
                'company_name': company.account.login,
                'account_type': company.account.account_type,
                'source': company.tracked_login,
            },
        )


def untrack(cursor: Cursor, company_ids: Sequence[int]) -> None:
    """Stop tracking companies; their history stays.

    Waits while a run is writing. A run that is reading them will discard what
    it read.
    """
    lock_writes(cursor)
    cursor.execute(
        read_sql('untrack_companies'), {'company_ids': list(company_ids)}
    )
