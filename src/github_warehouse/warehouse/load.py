"""Write a run in one transaction.

The order is: dimensions, facts, rollups, watermarks, audits, run log, and then
retention.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import structlog

from github_warehouse.errors import AuditError, RunInProgressError
from github_warehouse.model import Company, CompanyResult
from github_warehouse.warehouse.audit import COMPLETE_FROM, run_audits
from github_warehouse.warehouse.companies import lock_writes, track
from github_warehouse.warehouse.connection import Cursor
from github_warehouse.warehouse.partitions import (
    BuiltDay,
    Days,
    build_day,
    check_partitions,
    plan_days,
)
from github_warehouse.warehouse.retention import drop_expired
from github_warehouse.warehouse.runs import RunRecord, write_run
from github_warehouse.warehouse.spool import REPO_COLUMNS, Spool
from github_warehouse.warehouse.state import State
from github_warehouse.warehouse.statements import read_sql


@dataclass(frozen=True)
class Observed:
    """What Phase II read from GitHub.

    Attributes:
        spool: the observations.
        companies: the result of reading each company.
        gone: IDs of repositories that are no longer there.
        new: companies that are to be tracked from now on.
    """

    spool: Spool
    companies: Sequence[CompanyResult]
    gone: Sequence[int]
    new: Sequence[Company]


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
        companies_dropped: IDs of companies that were untracked while they
            were read.
    """

    repositories_updated: int
    snapshots_fresh: int
    snapshots_carried: int
    language_rows: int
    partitions_dropped: int
    warnings: tuple[str, ...]
    companies_dropped: frozenset[int]


def write_observed(
    cursor: Cursor,
    observed: Observed,
    state: State,
    run: RunRecord,
    retention_days: int,
    retention_from: date,
) -> WriteCounts:
    """Write a complete run.

    Args:
        cursor: cursor of an open transaction.
        observed: what was read from GitHub.
        state: state of the warehouse that Phase I read.
        run: the run, for the run log.
        retention_days: age in days beyond which snapshots are dropped.
        retention_from: UTC day from which that age is counted.

    Raises:
        AuditError: an audit found wrong rows.
        DatabaseError: a partition was detached or dropped by hand.
        RunInProgressError: another run has committed since this one started.
    """
    _lock_out_other_runs(cursor, state)
    check_partitions(cursor, run.day)
    days = plan_days(cursor, run.day, retention_days)
    _stage(cursor, observed)
    track(cursor, observed.new)
    written = _write_tables(cursor, days, run.started_at)
    _record_property(cursor, 'api_host', run.api_host)
    if days.has_gap:
        _record_property(cursor, COMPLETE_FROM, str(days.first))
    companies = [
        each
        for each in observed.companies
        if each.account.account_id not in written.companies_dropped
    ]
    write_run(cursor, run, companies, vars(written))
    expired = drop_expired(cursor, retention_from, retention_days)
    return replace(written, partitions_dropped=expired)


def _write_tables(
    cursor: Cursor, days: Days, started_at: datetime
) -> WriteCounts:
    """Write the staged observations to the tables, and audit the result.

    Args:
        cursor: cursor of an open transaction.
        days: the days to write.
        started_at: business time of the run, UTC.
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
        companies_dropped=dropped,
    )


def _record_property(cursor: Cursor, name: str, value: str) -> None:
    cursor.execute(read_sql('remember_property'), (name, value))


def _lock_out_other_runs(cursor: Cursor, state: State) -> None:
    """Block other writers until the transaction ends.

    Raises:
        RunInProgressError: another run has committed since `state` was read.
    """
    lock_writes(cursor)
    cursor.execute(read_sql('warehouse_state'))
    row = cursor.fetchone() or ()
    if row[2] != state.last_committed_run:
        raise RunInProgressError(
            f'run {row[2]} has committed since this run started, so this run '
            'wrote nothing: run again if that is still needed'
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


def _stage(cursor: Cursor, observed: Observed) -> None:
    cursor.execute(read_sql('stage'))
    for table, columns, file in (
        ('observed_repos', ', '.join(REPO_COLUMNS), observed.spool.repos),
        ('language_readings', 'reading, repo_id', observed.spool.readings),
        (
            'read_languages',
            'reading, language_name, bytes',
            observed.spool.languages,
        ),
    ):
        file.seek(0)
        cursor.copy_expert(f'copy {table} ({columns}) from stdin', file)
    cursor.executemany(
        read_sql('stage_company'),
        [_company_row(each) for each in observed.companies],
    )
    cursor.execute(
        'insert into gone_repos (repo_id) select unnest(%s::bigint[])',
        (list(observed.gone),),
    )


def _company_row(company: CompanyResult) -> tuple[object, ...]:
    return (
        company.account.account_id,
        company.account.login,
        company.account.account_type,
        company.started_at,
        company.finished_at,
        company.status,
        company.mode,
        company.read_by,
        company.repositories_observed,
        company.requests,
        company.points,
        company.budget_left,
        company.error,
    )


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
