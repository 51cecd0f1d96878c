"""How the last runs went, and how fresh the data is."""

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import click
from rich.console import Console

from github_warehouse.cli.opening import opened_warehouse
from github_warehouse.errors import WarehouseError
from github_warehouse.model import utc_now
from github_warehouse.terminal import Column, print_table
from github_warehouse.warehouse.companies import list_companies
from github_warehouse.warehouse.connection import connect
from github_warehouse.warehouse.migrate import check_migrated
from github_warehouse.warehouse.questions import ask

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
    help='Age of a company\'s last run at which it is stale.',
)
@click.option('--json', 'as_json', is_flag=True, help='One JSON object.')
def status_command(max_age_hours: int, as_json: bool) -> None:
    """Tell how the last runs went and how fresh the data is.

    Exit code 1 when a tracked company was not read for longer than
    --max-age, COMPANIES names one that is not tracked yet, or nothing is.

    \b
    Examples:
      github-warehouse status
      github-warehouse status --max-age 50 --json
    """
    with opened_warehouse(prints_data=as_json) as (settings, warehouse):
        with connect(warehouse.url) as connection:
            check_migrated(connection)
            runs = ask(connection, _LAST_RUNS)
            companies = ask(connection, _FRESHNESS)
            known = list_companies(connection)
    untracked = [
        login
        for login in settings.companies
        if not any(each.is_tracked and each.is_called(login) for each in known)
    ]
    oldest = utc_now() - timedelta(hours=max_age_hours)
    stale = [
        each['company_name']
        for each in companies
        if each['last_run'] is None or each['last_run'] < oldest
    ]
    if as_json:
        status = {
            'runs': runs,
            'companies': companies,
            'is_stale': bool(stale or untracked or not companies),
            'untracked': untracked,
            'max_age_hours': max_age_hours,
        }
        click.echo(json.dumps(status, default=_json_value, indent=2))
    else:
        _print_status(runs, companies)
    _refuse_stale(untracked, companies, stale, max_age_hours)


def _refuse_stale(
    untracked: Sequence[str],
    companies: Sequence[object],
    stale: Sequence[str],
    max_age_hours: int,
) -> None:
    if untracked:
        raise WarehouseError(
            f'stale: COMPANIES names {", ".join(untracked)}, not tracked '
            'yet: the next ingest does that'
        )
    if not companies:
        raise WarehouseError('stale: no company is tracked')
    if stale:
        raise WarehouseError(
            f'stale: not read for {max_age_hours} hours: {", ".join(stale)}'
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
        ),
        [
            (
                each['company_name'],
                each['last_run'] and f'{each["last_run"]:%Y-%m-%d %H:%M}',
                each['days_behind'],
                each['snapshots'],
                each['carried_percent'],
            )
            for each in companies
        ],
    )


def _json_value(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f'{type(value).__name__} has no place in JSON')
