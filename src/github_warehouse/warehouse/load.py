"""The write: one transaction from what was observed to the run log.

Dimensions, facts, rollups, audits, watermarks, run log; then retention.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

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
    """What Phase II brought.

    Attributes:
        spool: the observations themselves.
        companies: how the reading of each company went.
        gone: ids of repositories found to be gone.
        new: companies that are to be tracked from now on.
        settled: by repository that several companies claimed, the company
            whose observation counts; None if nobody's does.
    """

    spool: Spool
    companies: Sequence[CompanyResult]
    gone: Sequence[int]
    new: Sequence[Company]
    settled: Mapping[int, int | None]


@dataclass(frozen=True)
class WriteCounts:
    """What the write did, counted.

    Attributes:
        repositories_updated: new ones and those of which a column changed.
        snapshots_fresh: of the day, with values observed in this run.
        snapshots_carried: written with values carried forward, those of
            missed days among them.
        language_rows: language snapshots written or changed.
        partitions_dropped: by retention.
        warnings: what the audits found suspicious.
        companies_dropped: ids of companies that were untracked while they
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
    """Write a run whole, in one transaction.

    Args:
        cursor: the transaction's.
        observed: what was read.
        state: what was known before.
        run: the run, for the run log.
        retention_days: age in days beyond which snapshots are dropped.
        retention_from: UTC day from which that age is counted.

    Raises:
        AuditError: rows would have been wrong; nothing was written.
        RunInProgressError: another run has committed since this one began.
    """
    _check_first(cursor, state)
    check_partitions(cursor, run.day)
    days = plan_days(cursor, run.day, retention_days)
    _stage(cursor, observed)
    parameters = {
        'day': run.day,
        'base_day': days.base_day,
        'started_at': run.started_at,
    }
    track(cursor, observed.new)
    cursor.execute(read_sql('deduplicate_observations'), parameters)
    dropped = _drop_untracked(cursor)
    companies = [
        each
        for each in observed.companies
        if each.account.account_id not in dropped
    ]
    updated = _write_dimensions(cursor, parameters)
    fresh, carried, language_rows = _write_facts(cursor, days, parameters)
    _write_rollups(cursor, days, parameters)
    cursor.execute(read_sql('write_watermarks'), parameters)
    warnings = _audit(cursor, days)
    _remember(cursor, 'api_host', run.api_host)
    if days.has_gap:
        _remember(cursor, COMPLETE_FROM, str(days.first))
    written = WriteCounts(
        updated, fresh, carried, language_rows, 0, tuple(warnings), dropped
    )
    write_run(cursor, run, companies, vars(written))
    expired = drop_expired(cursor, retention_from, retention_days)
    return replace(written, partitions_dropped=expired)


def _remember(cursor: Cursor, name: str, value: str) -> None:
    cursor.execute(read_sql('remember_property'), (name, value))


def _check_first(cursor: Cursor, state: State) -> None:
    """Block other writers; refuse if another run has written meanwhile."""
    lock_writes(cursor)
    cursor.execute(read_sql('warehouse_state'))
    row = cursor.fetchone() or ()
    if row[2] != state.last_committed_run:
        raise RunInProgressError(
            f'run {row[2]} has written since this run began: nothing was '
            'written by this one; run again if that is still needed'
        )


def _drop_untracked(cursor: Cursor) -> frozenset[int]:
    """Drop what was read of companies that were untracked meanwhile."""
    cursor.execute(read_sql('drop_untracked'))
    dropped = cursor.fetchall()
    for _, login in dropped:
        structlog.get_logger().warning(
            'company was untracked while it was read: not written',
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
    cursor.execute(
        'insert into settled_repos (repo_id, company_id)'
        ' select unnest(%s::bigint[]), unnest(%s::bigint[])',
        (list(observed.settled), list(observed.settled.values())),
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
    """Refuse what is wrong; return what is merely suspicious."""
    findings = run_audits(cursor, days.first, days.today)
    warnings = [str(found) for found in findings if not found.is_error]
    for warning in warnings:
        structlog.get_logger().warning('audit', finding=warning)
    errors = [str(finding) for finding in findings if finding.is_error]
    if errors:
        raise AuditError(
            f'the audits found rows that are wrong ({"; ".join(errors)}): '
            'nothing was written; please report this'
        )
    return warnings
