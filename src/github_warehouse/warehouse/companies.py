"""Which companies are tracked, and which were."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from github_warehouse.model import Account, CompanyToRead
from github_warehouse.warehouse.connection import (
    Connection,
    Cursor,
    transaction,
)
from github_warehouse.warehouse.statements import read_sql


@dataclass(frozen=True)
class KnownCompany:
    """A company that is tracked, or once was.

    Attributes:
        account: as last seen on GitHub.
        source: login under which it is tracked.
        repositories: those that are there now.
        last_run: watermark, UTC; None before the first complete run.
        last_sweep: start of its last complete sweep, UTC.
    """

    account: Account
    source: str
    is_tracked: bool
    repositories: int
    last_run: datetime | None
    last_sweep: datetime | None


class _Company(Protocol):
    @property
    def account(self) -> Account: ...

    @property
    def source(self) -> str: ...


Company = TypeVar('Company', bound=_Company)


def company_called(login: str, companies: Iterable[Company]) -> Company | None:
    """Find the company of a login, in any letter case; None when none has it.

    The company that has the login on GitHub now comes before one that was
    tracked under it: somebody else may take a login that was given up.
    LOGIN#ID names a company by GitHub's id of the account.
    """
    wanted = login.lower()

    def claim(company: Company) -> tuple[bool, ...]:
        return (
            wanted.endswith(f'#{company.account.account_id}'),
            company.account.login.lower() == wanted,
            company.source.lower() == wanted,
        )

    claims = [company for company in companies if any(claim(company))]
    return max(claims, key=claim, default=None)


def list_companies(connection: Connection) -> list[KnownCompany]:
    """List every company ever tracked, by name."""
    with transaction(connection) as cursor:
        cursor.execute(read_sql('list_companies'))
        return [
            KnownCompany(Account(*row[:3]), *row[3:])
            for row in cursor.fetchall()
        ]


def lock_writes(cursor: Cursor) -> None:
    """Block every other writer until the transaction ends.

    A lock of the transaction, not of the session, works through a pooler.
    """
    cursor.execute(
        'select pg_advisory_xact_lock(hashtext(%s))',
        ('github-warehouse ingest',),
    )


def track(cursor: Cursor, companies: Sequence[CompanyToRead]) -> None:
    """Track companies from now on; one that is tracked stays as it is.

    Waits while a run writes.
    """
    lock_writes(cursor)
    for company in companies:
        cursor.execute(
            read_sql('track_company'),
            {
                'company_id': company.account.account_id,
                'company_name': company.account.login,
                'account_type': company.account.account_type,
                'source': company.source,
            },
        )


def untrack(cursor: Cursor, company_ids: Sequence[int]) -> None:
    """Record companies no more; their history stays.

    Waits while a run writes. A run that is reading drops what it read of them.
    """
    lock_writes(cursor)
    cursor.execute(
        read_sql('untrack_companies'), {'company_ids': list(company_ids)}
    )
