"""Audits: queries that return wrong or suspicious rows.

Each audit is a file in `audits/`. Its name begins with its kind:

- `error`: any row rolls the run back.
- `warn`: rows are reported as warnings.
- `held`: constraints and checks in the code prevent such rows. A run only
  verifies that the constraints exist; `github-warehouse audit` looks for the
  rows as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from github_warehouse.printable import counted
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

# Property with the first day after an outage longer than retention. Every day
# since then has snapshots.
COMPLETE_FROM = 'complete_from'


@dataclass(frozen=True)
class Finding:
    """The rows that one audit returned.

    Attributes:
        audit: name of the audit.
        is_error: whether such rows must not be committed.
        rows: number of rows.
        sample: the first few rows, as `column=value, ...; ...`.
    """

    audit: str
    is_error: bool
    rows: int
    sample: str

    def __str__(self) -> str:
        rows = counted(self.rows, 'row', 'rows')
        return f'{self.audit}: {rows}, e.g. {self.sample}'


def run_audits(
    cursor: Cursor,
    first_day: date,
    last_day: date,
    kinds: Sequence[str] = ('error', 'warn'),
) -> list[Finding]:
    """Run audits over a range of UTC days, both ends included.

    Args:
        cursor: cursor of an open transaction.
        first_day: first UTC day to audit.
        last_day: last UTC day to audit.
        kinds: which audits to run: `error`, `held`, `warn`.
    """
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
                ', '.join(f'{k}={v}' for k, v in zip(columns, row))
                for row in cursor.fetchmany(_SAMPLE_ROWS)
            )
            findings.append(
                Finding(name, kind != 'warn', cursor.rowcount, sample)
            )
    return findings


def audit_stored(connection: Connection, retention_days: int) -> list[Finding]:
    """Run every audit over the days that must have snapshots.

    Args:
        connection: connection to the warehouse.
        retention_days: age in days beyond which snapshots are not required.
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
