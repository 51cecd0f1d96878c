"""The command line: the only place that prints, and that exits."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click

from github_warehouse import __version__
from github_warehouse.config import Settings, read_settings
from github_warehouse.errors import WarehouseError
from github_warehouse.ingest import Outcome, Request, ingest
from github_warehouse.logs import configure_logs
from github_warehouse.terminal import FetchProgress
from github_warehouse.warehouse.connection import Warehouse, open_warehouse
from github_warehouse.warehouse.migrate import migrate


class _Timestamp(click.ParamType[datetime]):
    """A moment in ISO 8601; without an offset it is UTC."""

    name = 'timestamp'

    def convert(
        self,
        value: object,
        parameter: click.Parameter | None,
        context: click.Context | None,
    ) -> datetime:
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(
                f'{value!r} is not ISO 8601, as in 2026-11-21T02:00:00Z',
                parameter,
                context,
            )
        if moment.tzinfo is None:
            return moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC)


@click.group(context_settings={'help_option_names': ['-h', '--help']})
@click.version_option(__version__, prog_name='github-warehouse')
def cli() -> None:
    """A daily warehouse of companies' public GitHub repositories.

    \b
    Try it:             github-warehouse demo
    Track companies:    github-warehouse migrate
                        COMPANIES=jenkinsci,torvalds github-warehouse ingest

    Settings come from the environment. Without WAREHOUSE_URL (or all of
    WAREHOUSE_HOST, PORT, DB, USER, PASSWORD) an embedded PostgreSQL is used,
    in WAREHOUSE_DIR (default .warehouse). GITHUB_TOKEN is any GitHub token;
    for public repositories it needs no scope.

    \b
    Exit codes: 0 done, 1 something failed, 2 usage or settings,
    75 another run is going on.
    """


@cli.command('migrate')
def migrate_command() -> None:
    """Create or update the tables, and rebuild the views.

    Run it once before the first ingest and after every upgrade. It may be
    repeated at will, and heals a migration that was killed.
    """
    with _warehouse() as (_, warehouse):
        for line in migrate(warehouse) or ['all up to date']:
            click.echo(line)


@cli.command('ingest')
@click.argument('logins', metavar='[LOGIN]...', nargs=-1)
@click.option(
    '--accept-removals',
    is_flag=True,
    help='Believe a sweep that would remove more than MAX_REMOVED_PERCENT '
    'of a company.',
)
@click.option(
    '--as-of',
    type=_Timestamp(),
    help='Business time of the run, UTC, ISO 8601; refused against '
    'github.com.',
)
def ingest_command(
    logins: tuple[str, ...], accept_removals: bool, as_of: datetime | None
) -> None:
    """Record today's snapshot of every tracked repository.

    What COMPANIES lists is tracked first. With LOGINs only those companies
    are read, and the others carried forward. A run may be repeated on the
    same day: what is new wins, nothing doubles.

    \b
    Examples:
      COMPANIES=jenkinsci,torvalds github-warehouse ingest
      github-warehouse ingest jenkinsci
    """
    with _warehouse() as (settings, warehouse):
        with FetchProgress() as progress:
            outcome = ingest(
                warehouse,
                settings,
                Request(logins, accept_removals, as_of),
                progress,
            )
        click.echo(_summary(outcome))
        for fetch in outcome.unread:
            click.echo(f'{fetch.account.login}: {fetch.error}', err=True)
        if outcome.unread:
            sys.exit(WarehouseError.exit_code)


def _summary(outcome: Outcome) -> str:
    run, written = outcome.run, outcome.written
    return (
        f'{run.day}: {len(outcome.fetches)} companies; '
        f'{written.snapshots_fresh:,} snapshots fresh, '
        f'{written.snapshots_carried:,} carried forward, '
        f'{written.language_rows:,} language rows; '
        f'{written.repositories_updated:,} repositories updated; '
        f'{run.requests:,} requests, '
        f'{run.elapsed().total_seconds():.1f} s'
    )


@contextmanager
def _warehouse() -> Iterator[tuple[Settings, Warehouse]]:
    """Read the settings, open the warehouse and name it."""
    settings = read_settings()
    configure_logs(settings.log_format)
    with open_warehouse(settings) as warehouse:
        click.echo(f'warehouse: {warehouse.name}')
        yield settings, warehouse


def main() -> None:
    """Run the command line; a person's mistake is one line, no traceback."""
    try:
        cli()
    except WarehouseError as error:
        click.echo(f'github-warehouse: {error}', err=True)
        sys.exit(error.exit_code)
