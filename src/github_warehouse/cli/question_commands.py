"""Commands that ask the warehouse."""

import json
import os
import subprocess
import sys

import click

from github_warehouse.cli.opening import opened_warehouse
from github_warehouse.errors import AuditError
from github_warehouse.terminal import say
from github_warehouse.warehouse.audit import audit_stored
from github_warehouse.warehouse.connection import connect
from github_warehouse.warehouse.migrate import ensure_migrated
from github_warehouse.warehouse.questions import (
    check_view,
    export_csv,
    export_json,
    exportable,
    find_psql,
    psql_environment,
)


@click.command('audit')
@click.option('--json', 'as_json', is_flag=True, help='One JSON array.')
def audit_command(as_json: bool) -> None:
    """Run the audits on what is stored.

    Each ingest runs them on the day it writes, before it commits. Exit code 1
    when rows are wrong; what is merely suspicious is told.

    \b
    Examples:
      github-warehouse audit
      github-warehouse audit --json
    """
    with opened_warehouse(prints_data=as_json) as (settings, warehouse):
        with connect(warehouse.url) as connection:
            ensure_migrated(warehouse, connection)
            findings = audit_stored(connection, settings.retention_days)
        if as_json:
            click.echo(json.dumps([vars(each) for each in findings], indent=2))
        for finding in () if as_json else findings:
            severity = 'error' if finding.is_error else 'warning'
            say(f'{severity}: {finding}')
        if any(finding.is_error for finding in findings):
            raise AuditError('rows are wrong: see above')
        click.echo('no error found', err=as_json)


def _complete_view(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[str]:
    return [name for name in exportable() if name.startswith(incomplete)]


@click.command('export')
@click.argument('view', shell_complete=_complete_view)
@click.option(
    '--format',
    'file_format',
    type=click.Choice(('csv', 'json')),
    default='csv',
    show_default=True,
    help='json is JSON lines, an object a row.',
)
def export_command(view: str, file_format: str) -> None:
    """Write a view, or a table of daily totals, to standard output.

    \b
    Examples:
      github-warehouse export trending_repos > trending.csv
      github-warehouse export company_daily --format json
    """
    check_view(view)
    with opened_warehouse(prints_data=True) as (_, warehouse):
        with connect(warehouse.url) as connection:
            ensure_migrated(warehouse, connection)
            if file_format == 'csv':
                export_csv(connection, view, sys.stdout.buffer)
            else:
                for line in export_json(connection, view):
                    sys.stdout.write(f'{line}\n')
            sys.stdout.flush()


@click.command(
    'psql',
    context_settings={
        'ignore_unknown_options': True,
        'help_option_names': ['--help'],
    },
)
@click.argument('arguments', metavar='[ARG]...', nargs=-1)
def psql_command(arguments: tuple[str, ...]) -> None:
    """Open psql on the warehouse; what follows is handed to it.

    \b
    Examples:
      github-warehouse psql
      github-warehouse psql -c 'select * from company_total_stars'
    """
    with opened_warehouse(prints_data=True) as (settings, warehouse):
        process = subprocess.Popen(
            [find_psql(settings), *arguments],
            env=os.environ | psql_environment(warehouse),
        )
        while True:
            try:
                code = process.wait()
            except KeyboardInterrupt:
                # psql ends a query by it, and goes on
                continue
            # ended by a signal: the exit code that a shell gives
            sys.exit(code if code >= 0 else 128 - code)
