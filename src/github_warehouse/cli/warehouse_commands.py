"""Commands that write to the warehouse."""

import sys
from datetime import UTC, datetime

import click

from github_warehouse.cli.opening import opened_warehouse
from github_warehouse.cli.streams import allow_lost_output
from github_warehouse.errors import WarehouseError
from github_warehouse.github.source import SOURCES
from github_warehouse.ingest import ingest
from github_warehouse.printable import counted
from github_warehouse.run_result import RunOptions, RunResult
from github_warehouse.terminal import FetchProgress, say
from github_warehouse.warehouse.migrate import migrate


class _Timestamp(click.ParamType[datetime]):
    """A time in ISO 8601, converted to UTC; without an offset it is UTC."""

    name = 'timestamp'

    def convert(
        self,
        value: object,
        parameter: click.Parameter | None,
        context: click.Context | None,
    ) -> datetime:
        try:
            time = datetime.fromisoformat(str(value))
            if time.tzinfo is None:
                return time.replace(tzinfo=UTC)
            return time.astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail(
                f'{value!r} is not a time in ISO 8601, such as '
                '2026-11-21T02:00:00Z',
                parameter,
                context,
            )


@click.command('migrate')
def migrate_command() -> None:
    """Create or update the tables and views.

    On a PostgreSQL server (WAREHOUSE_URL), run it before the first ingest and
    after every upgrade. The embedded PostgreSQL does not need it: every
    command that opens it migrates it. All data is kept. It is safe to repeat,
    and completes a migration that was interrupted.

    \b
    Example:
      github-warehouse migrate
    """
    allow_lost_output()
    with opened_warehouse(creates=True) as (_, warehouse):
        for line in migrate(warehouse) or ['all up to date']:
            click.echo(line)


@click.command('ingest')
@click.argument('logins', metavar='[LOGIN]...', nargs=-1)
@click.option(
    '--full',
    'is_full',
    is_flag=True,
    help='Sweep: read every repository, not only those that changed.',
)
@click.option(
    '--source',
    type=click.Choice(SOURCES),
    default=SOURCES[0],
    show_default=True,
    help='GitHub API to read; auto is GraphQL with a token, REST without.',
)
@click.option(
    '--accept-removals',
    is_flag=True,
    help='Let this run remove more than MAX_REMOVED_PERCENT of a company\'s '
    'repositories.',
)
@click.option(
    '--as-of',
    type=_Timestamp(),
    help='Time of the run instead of now, ISO 8601, UTC by default. Not '
    'allowed with github.com.',
)
def ingest_command(
    logins: tuple[str, ...],
    is_full: bool,
    source: str,
    accept_removals: bool,
    as_of: datetime | None,
) -> None:
    """Record today's snapshot of every tracked repository.

    Run it once a day. It also tracks the companies that are new in COMPANIES.
    With LOGIN, it reads only those companies and carries the others forward: a
    repository that was not read gets its last known values. Running it again
    on the same day updates that day's snapshots.

    A sweep reads all repositories of a company. Companies with more than 300
    repositories are swept every SWEEP_EVERY_DAYS days; in between, a run reads
    only the repositories that changed since the run before it.

    Exit code 1 means that a company was not read completely, or that nothing
    was written; the message says which.

    \b
    Examples:
      COMPANIES=jenkinsci,torvalds github-warehouse ingest
      github-warehouse ingest jenkinsci --full
    """
    allow_lost_output()
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
    """Return one line with the counts of a run."""
    run, written = result.run, result.written
    repositories = written.repositories_updated
    return (
        f'{run.day}: '
        f'{counted(len(result.companies), "company", "companies")}; '
        f'{counted(written.snapshots_fresh, "snapshot", "snapshots")} fresh, '
        f'{written.snapshots_carried:,} carried forward; changed: '
        f'{counted(repositories, "repository", "repositories")}, '
        f'{counted(written.language_rows, "language row", "language rows")}; '
        f'{counted(run.requests, "request", "requests")}, '
        f'{run.elapsed().total_seconds():.1f} s'
    )
