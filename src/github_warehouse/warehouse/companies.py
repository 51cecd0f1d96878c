"""Which companies are tracked, and which were."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from github_warehouse.model import Account, CompanyToRead
from github_warehouse.warehouse.connection import (
    Connection,
    Cursor,
    read_sql,
    transaction,
)


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

    def is_called(self, login: str) -> bool:
        """Tell whether a login, in any case, is one of this company's."""
        return login.lower() in (
            self.source.lower(),
            self.account.login.lower(),
        )


def list_companies(connection: Connection) -> list[KnownCompany]:
    """List every company ever tracked, by name."""
    with transaction(connection) as cursor:
        cursor.execute(read_sql('list_companies'))
        return [
            KnownCompany(Account(*row[:3]), *row[3:])
            for row in cursor.fetchall()
        ]


def track(cursor: Cursor, companies: Sequence[CompanyToRead]) -> None:
    """Track companies from now on; one that is tracked stays as it is."""
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
    """Record companies no more; their history stays."""
    cursor.execute(
        read_sql('untrack_companies'), {'company_ids': list(company_ids)}
    )
