"""Commands that track and list companies."""

import json
from datetime import datetime

import click
from rich.console import Console

from github_warehouse.cli.opening import opened_warehouse
from github_warehouse.cli.streams import allow_lost_output
from github_warehouse.companies import (
    find_company,
    find_to_track,
    find_tracked,
)
from github_warehouse.github.budgets import learn_budgets
from github_warehouse.github.client import GitHubClient
from github_warehouse.logins import check_company, check_login
from github_warehouse.model import Company, utc_now
from github_warehouse.preconditions import check_host
from github_warehouse.terminal import Column, print_table, say
from github_warehouse.warehouse.companies import (
    list_companies,
    track,
    untrack,
)
from github_warehouse.warehouse.connection import connect, transaction
from github_warehouse.warehouse.migrate import ensure_migrated
from github_warehouse.warehouse.state import read_api_host


@click.command('track')
@click.argument('logins', metavar='LOGIN...', nargs=-1, required=True)
def track_command(logins: tuple[str, ...]) -> None:
    """Start to track organizations or users.

    The next ingest records their repositories. LOGIN is the account in
    https://github.com/LOGIN. If one account does not exist, none is tracked.
    Instead of using this command, you can list logins in COMPANIES: the next
    ingest starts to track the new ones.

    A company that was tracked before keeps its history; the days on which it
    was not tracked stay empty.

    \b
    Example:
      github-warehouse track jenkinsci torvalds
    """
    allow_lost_output()
    for login in logins:
        check_login(login)
    with opened_warehouse(creates=True) as (settings, warehouse):
        with connect(warehouse) as connection:
            ensure_migrated(warehouse, connection)
            check_host(settings, read_api_host(connection))
            known = list_companies(connection)
        with GitHubClient(settings) as client:
            learn_budgets(client)
            found = [find_to_track(each, known, client) for each in logins]
        with connect(warehouse) as connection:
            with transaction(connection) as cursor:
                track(cursor, found)
        for company in found:
            say(
                f'{company.account.login}: '
                + ('already tracked' if company.is_tracked else 'tracked')
            )


@click.command('untrack')
@click.argument('logins', metavar='LOGIN...', nargs=-1, required=True)
def untrack_command(logins: tuple[str, ...]) -> None:
    """Stop tracking companies; keep their history.

    A company stays tracked until it is untracked, even when it is no longer in
    COMPANIES. Remove it from COMPANIES first: otherwise the next ingest tracks
    it again. LOGIN#ID names an account by its GitHub id, which is needed when
    another account has taken over the login.

    \b
    Examples:
      github-warehouse untrack jenkinsci
      github-warehouse untrack jenkinsci#107424
    """
    allow_lost_output()
    for login in logins:
        check_company(login)
    with opened_warehouse() as (settings, warehouse):
        with connect(warehouse) as connection:
            ensure_migrated(warehouse, connection)
            known = list_companies(connection)
            chosen = [find_tracked(login, known) for login in logins]
            with transaction(connection) as cursor:
                untrack(cursor, [c.account.account_id for c in chosen])
        for company in chosen:
            say(f'{company.account.login}: no longer tracked')
            if any(
                find_company(each, [company]) for each in settings.companies
            ):
                say(
                    f'{company.account.login} is in COMPANIES: remove it '
                    'there, or the next ingest tracks it again',
                    err=True,
                )


@click.command('companies')
@click.option('--json', 'as_json', is_flag=True, help='Print one JSON array.')
def companies_command(as_json: bool) -> None:
    """List all companies that are or were tracked.

    For each company, shows whether it is tracked now, its number of
    repositories, and when it was last read completely.

    \b
    Examples:
      github-warehouse companies
      github-warehouse companies --json
    """
    with opened_warehouse(prints_data=as_json) as (_, warehouse):
        with connect(warehouse) as connection:
            ensure_migrated(warehouse, connection)
            known = list_companies(connection)
    if as_json:
        click.echo(json.dumps([_as_json(each) for each in known], indent=2))
        return
    headings = (
        'company',
        'type',
        'tracked',
        'repositories',
        'last run, UTC',
        'days behind',
    )
    print_table(
        Console(),
        'Companies',
        [Column(heading) for heading in headings],
        [_as_row(each) for each in known],
    )


def _days_behind(last_run: datetime | None) -> int | None:
    """Return the days since a company's last run; None before the first."""
    if last_run is None:
        return None
    return (utc_now().date() - last_run.date()).days


def _as_row(company: Company) -> tuple[object, ...]:
    return (
        company.account.login,
        company.account.account_type,
        'yes' if company.is_tracked else 'no',
        company.repositories,
        company.last_run,
        _days_behind(company.last_run),
    )


def _as_json(company: Company) -> dict[str, object]:
    """Return a company as in --json; times are ISO 8601 in UTC."""
    return {
        'company_id': company.account.account_id,
        'company_name': company.account.login,
        'account_type': company.account.account_type,
        'source': company.tracked_login,
        'is_tracked': company.is_tracked,
        'repositories': company.repositories,
        'last_run': company.last_run and company.last_run.isoformat(),
        'last_sweep': company.last_sweep and company.last_sweep.isoformat(),
        'days_behind': _days_behind(company.last_run),
    }
