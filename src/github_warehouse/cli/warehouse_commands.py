"""Commands that work on the warehouse."""

import sys
from datetime import UTC, datetime

import click

from github_warehouse.cli.opening import opened_warehouse
from github_warehouse.errors import WarehouseError
from github_warehouse.github.source import SOURCES
from github_warehouse.ingest import ingest
from github_warehouse.run import RunOptions, RunResult
from github_warehouse.terminal import FetchProgress, say
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
            if moment.tzinfo is None:
                return moment.replace(tzinfo=UTC)
            return moment.astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail(
                f'{value!r} is not ISO 8601, as in 2026-11-21T02:00:00Z',
                parameter,
                context,
            )


@click.command('migrate')
def migrate_command() -> None:
    """Create or update the tables, and rebuild the views.

    Run it once before the first ingest and after every upgrade. It may be
    repeated at will, and heals a migration that was killed.

    \b
    Example:
      github-warehouse migrate
    """
    with opened_warehouse(creates=True) as (_, warehouse):
        for line in migrate(warehouse) or ['all up to date']:
            click.echo(line)


@click.command('ingest')
@click.argument('logins', metavar='[LOGIN]...', nargs=-1)
@click.option(
    '--full',
    'is_full',
    is_flag=True,
    help='Read every repository, not only those that changed.',
)
@click.option(
    '--source',
    type=click.Choice(SOURCES),
    default=SOURCES[0],
    show_default=True,
    help='How to read GitHub; auto is GraphQL whenever there is a token.',
)
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
    logins: tuple[str, ...],
    is_full: bool,
    source: str,
    accept_removals: bool,
    as_of: datetime | None,
) -> None:
    """Record today's snapshot of every tracked repository.

    What COMPANIES lists is tracked first. With LOGINs only those companies
    are read, and the others carried forward. A run may be repeated on the
    same day: what is new wins, nothing doubles.

    Between sweeps, every SWEEP_EVERY_DAYS, only repositories that changed
    since the last run are read of companies with more than 300 of them; the
    others are carried forward.

    \b
    Examples:
      COMPANIES=jenkinsci,torvalds github-warehouse ingest
      github-warehouse ingest jenkinsci --full
    """
    with opened_warehouse(alerts=True, creates=True) as (settings, warehouse):
        options = RunOptions(logins, is_full, source, accept_removals, as_of)
        with FetchProgress() as progress:
            result = ingest(warehouse, settings, options, progress.advance)
        click.echo(_summary(result))
        for company in result.unread:
            say(f'{company.account.login}: {company.error}', err=True)
        for failed in result.failures:
            say(failed, err=True)
        if result.unread or result.failures:
            sys.exit(WarehouseError.exit_code)


def _summary(result: RunResult) -> str:
    run, written = result.run, result.written
    return (
        f'{run.day}: {len(result.companies)} companies; '
        f'{written.snapshots_fresh:,} snapshots fresh, '
        f'{written.snapshots_carried:,} carried forward, '
        f'{written.language_rows:,} language rows; '
        f'{written.repositories_updated:,} repositories updated; '
        f'{run.requests:,} requests, '
        f'{run.elapsed().total_seconds():.1f} s'
    )
