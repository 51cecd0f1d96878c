"""Write staged observations to the tables, and audit the result."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from github_warehouse.errors import AuditError
from github_warehouse.warehouse.audit import run_audits
from github_warehouse.warehouse.connection import Cursor
from github_warehouse.warehouse.partitions import BuiltDay, Days, build_day
from github_warehouse.warehouse.statements import read_sql


@dataclass(frozen=True)
class WriteCounts:
    """What a run wrote.

    Attributes:
        repositories_updated: repositories added or changed, count.
        snapshots_fresh: snapshots with values observed in this run, count.
        snapshots_carried: snapshots with values carried forward, including
            those of missed days, count.
        language_rows: language snapshots written or changed, count.
        partitions_dropped: partitions dropped by retention, count.
        warnings: suspicious rows that the audits found, one message each.
        companies_untracked: IDs of companies that were untracked while they
            were read.
    """

    repositories_updated: int
    snapshots_fresh: int
    snapshots_carried: int
    language_rows: int
    partitions_dropped: int
    warnings: tuple[str, ...]
    companies_untracked: frozenset[int]


def write_tables(
    cursor: Cursor, days: Days, started_at: datetime
) -> WriteCounts:
    """Write the staged observations to the tables, and audit the result.

    Args:
        cursor: cursor of an open transaction.
        days: the days to write.
        started_at: business time of the run, UTC.

    Raises:
        AuditError: an audit found wrong rows.
    """
    parameters = {
        'day': days.today,
        'base_day': days.base_day,
        'started_at': started_at,
    }
    cursor.execute(read_sql('deduplicate_observations'), parameters)
    dropped = _drop_untracked(cursor)
    updated = _write_dimensions(cursor, parameters)
    fresh, carried, language_rows = _write_facts(cursor, days, parameters)
    _write_rollups(cursor, days, parameters)
    cursor.execute(read_sql('write_watermarks'), parameters)
    return WriteCounts(
        repositories_updated=updated,
        snapshots_fresh=fresh,
        snapshots_carried=carried,
        language_rows=language_rows,
        partitions_dropped=0,
        warnings=tuple(_audit(cursor, days)),
        companies_untracked=dropped,
    )


def _drop_untracked(cursor: Cursor) -> frozenset[int]:
    """Delete observations of companies that were untracked meanwhile.

    Returns:
        The IDs of these companies.
    """
    cursor.execute(read_sql('drop_untracked'))
    dropped = cursor.fetchall()
    for _, login in dropped:
        structlog.get_logger().warning(
            'company was not written: it was untracked while it was read',
            company=login,
        )
    return frozenset(company_id for company_id, _ in dropped)


def _write_dimensions(cursor: Cursor, parameters: Mapping[str, object]) -> int:
    cursor.execute(read_sql('write_companies'))
    cursor.execute(read_sql('write_languages'))
    cursor.execute(read_sql('write_repos'), parameters)
    (updated,) = cursor.fetchone() or (0,)
    cursor.execute(read_sql('write_tracking_periods'), parameters)
    cursor.execute(read_sql('write_language_reading'), parameters)
    return int(updated)


def _write_facts(
    cursor: Cursor, days: Days, parameters: Mapping[str, object]
) -> tuple[int, int, int]:
    cursor.execute('select count(*) from observed_repos')
    (fresh,) = cursor.fetchone() or (0,)
    if days.base_day == days.today:
        cursor.execute(read_sql('remove_snapshots'), parameters)
        cursor.execute(read_sql('rewrite_snapshots'), parameters)
        cursor.execute(read_sql('rewrite_languages'), parameters)
        (language_rows,) = cursor.fetchone() or (0,)
        return fresh, 0, int(language_rows)
    built: list[BuiltDay] = [
        build_day(cursor, day, days) for day in (*days.missed, days.today)
    ]
    return (
        fresh,
        sum(day.snapshots for day in built) - fresh,
        sum(day.language_rows for day in built),
    )


def _write_rollups(
    cursor: Cursor, days: Days, parameters: Mapping[str, object]
) -> None:
    if days.base_day and days.today - days.base_day > timedelta(days=1):
        cursor.execute(read_sql('carry_rollups'), parameters)
    cursor.execute(read_sql('write_company_daily'), parameters)
    cursor.execute(read_sql('write_company_language_daily'), parameters)


def _audit(cursor: Cursor, days: Days) -> list[str]:
    """Run the audits; return warnings about suspicious rows.

    Raises:
        AuditError: an audit found wrong rows.
    """
    findings = run_audits(cursor, days.first, days.today)
    warnings = [str(found) for found in findings if not found.is_error]
    for warning in warnings:
        structlog.get_logger().warning('audit', finding=warning)
    errors = [str(finding) for finding in findings if finding.is_error]
    if errors:
        raise AuditError(
            f'the audits found wrong rows ({"; ".join(errors)}), so nothing '
            'was written: please report this'
        )
    return warnings
