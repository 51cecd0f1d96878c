"""Audits: queries that return the rows that are wrong.

Each is a file in `audits/`, whose name begins with its kind. `error`: rows
that undo the transaction they are found in. `warn`: rows that are told.
`held`: rows that constraints keep out, so that a run only looks whether the
constraints are there; `audit` looks for the rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from github_warehouse.warehouse.connection import (
    Connection,
    Cursor,
    transaction,
)
from github_warehouse.warehouse.partitions import (
    oldest_retained,
    partition_days,
)
from github_warehouse.warehouse.statements import AUDITS, render

KINDS = ('error', 'held', 'warn')
_SAMPLE_ROWS = 3

# The property that holds the first day after an outage longer than retention:
# since then every day has snapshots.
COMPLETE_FROM = 'complete_from'


@dataclass(frozen=True)
class Finding:
    """Rows that an audit found wrong.

    Attributes:
        audit: name of the audit.
        is_error: whether rows like these must not be committed.
        rows: how many there are.
        sample: the first few of them, in words.
    """

    audit: str
    is_error: bool
    rows: int
    sample: str

    def __str__(self) -> str:
        return f'{self.audit}: {self.rows} rows, as {self.sample}'


def run_audits(
    cursor: Cursor,
    first_day: date,
    last_day: date,
    kinds: Sequence[str] = ('error', 'warn'),
) -> list[Finding]:
    """Run audits over a range of days, UTC, both ends included."""
    findings = []
    for path in sorted(AUDITS.glob('*.sql')):
        kind, _, name = path.stem.partition('_')
        if kind not in kinds:
            continue
        cursor.execute(
            render(path),
            {'first_day': first_day, 'last_day': last_day},
        )
        if cursor.rowcount:
            columns = [column.name for column in cursor.description or ()]
            sample = '; '.join(
                ', '.join(f'{k} {v}' for k, v in zip(columns, row))
                for row in cursor.fetchmany(_SAMPLE_ROWS)
            )
            findings.append(
                Finding(name, kind != 'warn', cursor.rowcount, sample)
            )
    return findings


def audit_stored(connection: Connection, retention_days: int) -> list[Finding]:
    """Run every audit over the days whose snapshots must be there.

    Args:
        connection: to the warehouse.
        retention_days: age in days beyond which they need not be there.
    """
    with transaction(connection) as cursor:
        days = partition_days(cursor, 'repo_snapshots')
        if not days:
            return []
        last_day = max(days)
        cursor.execute(
            'select coalesce(max(property_value), %s)::date'
            ' from warehouse_properties where property_name = %s',
            ('0001-01-01', COMPLETE_FROM),
        )
        (complete_from,) = cursor.fetchone() or ()
        first_day = max(
            min(days),
            oldest_retained(last_day, retention_days),
            complete_from,
        )
        return run_audits(cursor, first_day, last_day, KINDS)
