"""Write a run in one transaction.

The order is: dimensions, facts, rollups, watermarks, audits, run log, and then
retention.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from github_warehouse.errors import RunInProgressError
from github_warehouse.model import Company, CompanyResult
from github_warehouse.warehouse.audit import COMPLETE_FROM
from github_warehouse.warehouse.companies import lock_writes, track
from github_warehouse.warehouse.connection import Cursor
from github_warehouse.warehouse.partitions import check_partitions, plan_days
from github_warehouse.warehouse.retention import drop_expired
from github_warehouse.warehouse.runs import RunRecord, write_run
from github_warehouse.warehouse.spool import REPO_COLUMNS, Spool
from github_warehouse.warehouse.state import State
from github_warehouse.warehouse.statements import read_sql
from github_warehouse.warehouse.tables import WriteCounts, write_tables


@dataclass(frozen=True)
class Observed:
    """What Phase II read from GitHub.

    Attributes:
        spool: the observations.
        companies: the result of reading each company.
        gone: IDs of repositories to remove: deleted, hidden, or owned by an
            account that is not tracked.
        new: companies that are to be tracked from now on.
        confirmed_owners: by ID, the company that owns a repository whose
            owner was looked up: only the observation from that company is
            written. None to write no observation.
    """

    spool: Spool
    companies: Sequence[CompanyResult]
    gone: Sequence[int]
    new: Sequence[Company]
    confirmed_owners: Mapping[int, int | None]


def write_observed(
    cursor: Cursor,
    observed: Observed,
    state: State,
    run: RunRecord,
    retention_days: int,
    retention_as_of: date,
) -> WriteCounts:
    """Write a complete run.

    Args:
        cursor: cursor of an open transaction.
        observed: what was read from GitHub.
        state: state of the warehouse that Phase I read.
        run: the run, for the run log.
        retention_days: age in days beyond which snapshots are dropped.
        retention_as_of: UTC day from which that age is counted.

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
    written = write_tables(cursor, days, run.started_at)
    _record_property(cursor, 'api_host', run.api_host)
    if days.has_gap:
        _record_property(cursor, COMPLETE_FROM, str(days.first))
    companies = [
        each
        for each in observed.companies
        if each.account.account_id not in written.companies_untracked
    ]
    write_run(cursor, run, companies, vars(written))
    expired = drop_expired(cursor, retention_as_of, retention_days)
    return replace(written, partitions_dropped=expired)


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
        'insert into confirmed_owners (repo_id, company_id)'
        ' select unnest(%s::bigint[]), unnest(%s::bigint[])',
        (
            list(observed.confirmed_owners),
            list(observed.confirmed_owners.values()),
        ),
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
