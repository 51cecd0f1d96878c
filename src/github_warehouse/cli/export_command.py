"""The command that exports relations."""

import sys
from datetime import date

import click

from github_warehouse.cli.opening import opened_warehouse
from github_warehouse.cli.streams import drop_output
from github_warehouse.companies import find_company
from github_warehouse.errors import UsageError
from github_warehouse.logins import check_company
from github_warehouse.model import Account
from github_warehouse.warehouse.connection import Connection, connect
from github_warehouse.warehouse.exports import (
    Selection,
    check_relation,
    export_csv,
    export_json,
    exportable,
    exported_companies,
)
from github_warehouse.warehouse.migrate import ensure_migrated

_EXPORTS = {'csv': export_csv, 'json': export_json}


class _Day(click.ParamType[date]):
    """A day in ISO 8601."""

    name = 'day'

    def convert(
        self,
        value: object,
        parameter: click.Parameter | None,
        context: click.Context | None,
    ) -> date:
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(
                f'{value!r} is not a day, such as 2026-11-21',
                parameter,
                context,
            )


def _complete_relation(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[str]:
    return [name for name in exportable() if name.startswith(incomplete)]


@click.command('export')
@click.argument('relation', shell_complete=_complete_relation)
@click.option('--since', type=_Day(), help='First day (UTC) of the rows.')
@click.option('--until', type=_Day(), help='Last day (UTC) of the rows.')
@click.option('--company', metavar='LOGIN', help='Rows of this company only.')
@click.option(
    '--format',
    'file_format',
    type=click.Choice(tuple(_EXPORTS)),
    default='csv',
    show_default=True,
    help='csv with a header, or json with one object per line.',
)
def export_command(
    relation: str,
    since: date | None,
    until: date | None,
    company: str | None,
    file_format: str,
) -> None:
    """Write the rows of a relation to standard output.

    RELATION is a contract relation, such as repository_days or company_days;
    another view of the warehouse, such as trending_repos; or company_daily or
    company_language_daily. docs/data-dictionary.md describes every column.
    Rows are streamed, in no particular order. A program that closes the
    output early, such as head, ends the export with success. For tables and
    for views of your own, use psql.

    \b
    Examples:
      github-warehouse export trending_repos > trending.csv
      github-warehouse export repository_days --since 2026-11-01 --format json
      github-warehouse export company_days --company jenkinsci | head
      github-warehouse psql --csv -c 'select * from growth' > growth.csv
    """
    check_relation(relation)
    if since is not None and until is not None and since > until:
        raise UsageError(f'--since {since} is after --until {until}')
    try:
        with opened_warehouse(prints_data=True) as (_, warehouse):
            with connect(warehouse) as connection:
                ensure_migrated(warehouse, connection)
                account = (
                    None
                    if company is None
                    else _find_account(connection, company)
                )
                _EXPORTS[file_format](
                    connection,
                    Selection(relation, since, until, account),
                    sys.stdout.buffer,
                )
                sys.stdout.buffer.flush()
    except BrokenPipeError:
        drop_output()


def _find_account(connection: Connection, login: str) -> Account:
    found = find_company(check_company(login), exported_companies(connection))
    if found is None:
        raise UsageError(
            f'the warehouse has no company {login}: see `github-warehouse '
            'companies` for those that it has'
        )
    return found.account
