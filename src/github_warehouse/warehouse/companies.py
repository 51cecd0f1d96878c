"""Which companies are tracked."""

from collections.abc import Sequence

from github_warehouse.model import CompanyToRead
from github_warehouse.warehouse.connection import Cursor, read_sql


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
