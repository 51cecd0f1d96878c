"""Show how the last runs went, and how fresh the data is."""

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import click
from rich.console import Console

from github_warehouse.alerts import alert_of_status
from github_warehouse.cli.opening import opened_warehouse
from github_warehouse.companies import find_company
from github_warehouse.errors import WarehouseError
from github_warehouse.model import utc_now
from github_warehouse.printable import counted
from github_warehouse.terminal import Column, print_table, say
from github_warehouse.warehouse.companies import list_companies
from github_warehouse.warehouse.connection import connect
from github_warehouse.warehouse.migrate import ensure_migrated
from github_warehouse.warehouse.questions import ask

# Two correct clocks may differ by this much.
_CLOCKS_DIFFER = timedelta(minutes=5)
_LAST_RUNS = 'select * from pipeline_health order by run_id desc limit 5'
_FRESHNESS = 'select * from data_freshness order by company_name'


@click.command('status')
@click.option(
    '--max-age',
    'max_age_hours',
    metavar='HOURS',
    type=click.IntRange(1),
    default=26,
    show_default=True,
    help='Hours without a complete run after which a company is stale.',
)
@click.option('--json', 'as_json', is_flag=True, help='One JSON object.')
@click.option(
    '--alert',
    'alerts',
    is_flag=True,
    help='Also send alerts to ALERT_WEBHOOK_URL; for a timer such as cron.',
)
def status_command(max_age_hours: int, as_json: bool, alerts: bool) -> None:
    """Show how the last runs went and how fresh the data is.

    Exit code 1 if a company is stale (see --max-age), a login in COMPANIES is
    not tracked yet, no company is tracked, or the last run of a company is in
    the future because a clock was wrong.

    With --alert, send an alert for each new problem (a company that was not
    read for two days or whose last run is in the future, a killed run, an
    unreachable warehouse), and another when it is resolved.

    \b
    Examples:
      github-warehouse status
      github-warehouse status --max-age 50 --json
    """
    with opened_warehouse(as_json, alerts) as (settings, warehouse):
        if alerts:
            alert_of_status(settings, warehouse, utc_now())
        with connect(warehouse) as connection:
            ensure_migrated(warehouse, connection)
            runs = ask(connection, _LAST_RUNS)
            companies = ask(connection, _FRESHNESS)
            known = list_companies(connection)
    untracked = [
        login
        for login in settings.companies
        if find_company(login, [c for c in known if c.is_tracked]) is None
    ]
    ahead, stale = _judge(companies, max_age_hours)
    if as_json:
        status = {
            'runs': runs,
            'companies': companies,
            'is_stale': bool(stale or untracked or ahead or not companies),
            'untracked': untracked,
            'ahead': ahead,
            'max_age_hours': max_age_hours,
        }
        click.echo(json.dumps(status, default=_json_value, indent=2))
    else:
        _print_status(runs, companies)
    _check_ahead(ahead)
    _check_stale(untracked, companies, stale, max_age_hours)


def _judge(
    companies: Sequence[dict[str, Any]], max_age_hours: int
) -> tuple[list[str], list[str]]:
    """Return the companies read in the future, and those that are stale."""
    now = utc_now()
    oldest = now - timedelta(hours=max_age_hours)
    ahead = [
        each['company_name']
        for each in companies
        if _is_ahead(each['last_run'], each['snapshot_date'], now)
    ]
    stale = [
        each['company_name'] + ('' if each['last_run'] else ' (never)')
        for each in companies
        if each['last_run'] is None or each['last_run'] < oldest
    ]
    return ahead, stale


def _is_ahead(
    last_run: datetime | None, last_day: date | None, now: datetime
) -> bool:
    return (last_run is not None and last_run > now + _CLOCKS_DIFFER) or (
        last_day is not None and last_day > (now + _CLOCKS_DIFFER).date()
    )


def _check_ahead(ahead: Sequence[str]) -> None:
    if ahead:
        raise WarehouseError(
            f'the last run is in the future: {", ".join(ahead)}: a run\'s '
            'clock was ahead, or this machine\'s is behind; see "The clock '
            'was ahead" in docs/runbook.md'
        )


def _check_stale(
    untracked: Sequence[str],
    companies: Sequence[object],
    stale: Sequence[str],
    max_age_hours: int,
) -> None:
    if untracked:
        raise WarehouseError(
            'in COMPANIES but not tracked yet: '
            f'{", ".join(untracked)}; run `github-warehouse ingest`'
        )
    if not companies:
        raise WarehouseError(
            'no company is tracked: set COMPANIES to a list of logins, then '
            'run `github-warehouse ingest`'
        )
    if stale:
        raise WarehouseError(
            'stale, not read completely in the last '
            f'{counted(max_age_hours, "hour", "hours")}: {", ".join(stale)}; '
            'run `github-warehouse ingest`, and see the runs above'
        )


def _print_status(
    runs: list[dict[str, Any]], companies: list[dict[str, Any]]
) -> None:
    console = Console()
    _print_runs(console, runs)
    _print_companies(console, companies)


def _print_runs(console: Console, runs: list[dict[str, Any]]) -> None:
    print_table(
        console,
        'Last runs',
        (
            Column('started, UTC'),
            Column('status'),
            Column('source'),
            Column('fresh'),
            Column('carried'),
            Column('requests'),
            Column('budget left'),
        ),
        [
            (
                f'{run["started_at"]:%m-%d %H:%M}',
                run['status'],
                run['source'],
                run['snapshots_fresh'],
                run['snapshots_carried'],
                run['requests'],
                run['budget_left'],
            )
            for run in runs
        ],
    )


def _print_companies(
    console: Console, companies: list[dict[str, Any]]
) -> None:
    print_table(
        console,
        'Companies',
        (
            Column('company'),
            Column('last run, UTC'),
            Column('days behind'),
            Column('snapshots'),
            Column('carried, %'),
            Column('languages read'),
        ),
        [
            (
                each['company_name'],
                each['last_run'],
                each['days_behind'],
                each['snapshots'],
                each['carried_percent'],
                _languages_read(each),
            )
            for each in companies
        ],
    )
    for each in companies:
        read = _languages_read(each)
        if read not in (None, 'all'):
            say(f'{each["company_name"]}: languages of {read} repositories')


def _languages_read(company: dict[str, Any]) -> str | None:
    read, repositories = company['repos_languages_read'], company['snapshots']
    if read is None:
        return None
    if read >= repositories:
        return 'all'
    return f'{read:,} of {repositories:,}'


def _json_value(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f'{type(value).__name__} cannot be written as JSON')
