"""Commands that read the warehouse."""

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
from github_warehouse.warehouse.questions import find_psql, psql_environment


@click.command('audit')
@click.option('--json', 'as_json', is_flag=True, help='Print one JSON array.')
def audit_command(as_json: bool) -> None:
    """Check the stored data for errors.

    An audit is a query that finds wrong or suspicious rows. Each ingest audits
    the day it wrote, then commits. This command audits all days within
    RETENTION_DAYS, and also searches for rows that the constraints of
    the database should have prevented. Errors set exit code 1; warnings do
    not.

    \b
    Examples:
      github-warehouse audit
      github-warehouse audit --json
    """
    with opened_warehouse(prints_data=as_json) as (settings, warehouse):
        with connect(warehouse) as connection:
            ensure_migrated(warehouse, connection)
            findings = audit_stored(connection, settings.retention_days)
        if as_json:
            click.echo(json.dumps([vars(each) for each in findings], indent=2))
        for finding in () if as_json else findings:
            severity = 'error' if finding.is_error else 'warning'
            say(f'{severity}: {finding}')
        if any(finding.is_error for finding in findings):
            raise AuditError(
                'the audits found wrong rows: see the errors above, and '
                'docs/runbook.md for what to do'
            )
        click.echo('no error found', err=as_json)


@click.command(
    'psql',
    context_settings={
        'ignore_unknown_options': True,
        'help_option_names': ['--help'],
    },
)
@click.argument('arguments', metavar='[ARG]...', nargs=-1)
def psql_command(arguments: tuple[str, ...]) -> None:
    """Open psql on the warehouse; pass all arguments to psql.

    The embedded PostgreSQL runs until psql exits. docs/data-dictionary.md
    describes the views and tables.

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
                # psql cancels its query and keeps running
                continue
            # for a signal, use the exit code that a shell would
            sys.exit(code if code >= 0 else 128 - code)
