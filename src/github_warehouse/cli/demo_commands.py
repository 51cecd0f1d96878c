"""Commands on a simulated GitHub: demo and simulate."""

import datetime
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from github_simulator import (
    GENERATED_VALUES_NOTE,
    PortError,
    Simulator,
    SimulatorError,
    World,
    load_recorded,
    parse_accounts,
)
from github_warehouse.cli.dashboard_commands import write_page
from github_warehouse.dashboards.report import render_report
from github_warehouse.demo import DAYS, DIRECTORY, Demo, open_demo
from github_warehouse.errors import UsageError, WarehouseError
from github_warehouse.logs import log_to_file
from github_warehouse.model import utc_now
from github_warehouse.terminal import Column, print_table
from github_warehouse.warehouse.connection import connect

_GITHUB_OPENED = datetime.date(2008, 4, 10)
_NEXT = f"""\
All of it is simulated: the companies do not exist, and no request went to
GitHub. The data is in {DIRECTORY}; you can delete that folder at any time.

Next, track real companies (any GitHub token works, it needs no scope):

  export GITHUB_TOKEN=... COMPANIES=jenkinsci,torvalds
  .venv/bin/github-warehouse migrate
  .venv/bin/github-warehouse ingest
"""

_QUESTIONS = (
    (
        'Trending: most stars gained in seven days (trending_repos)',
        (
            Column('company'),
            Column('repository'),
            Column('stars'),
            Column('+1 day'),
            Column('+7 days'),
            Column('+7 days, %'),
        ),
        """
        select
            company_name,
            repo_name,
            stars,
            stars_gained_1d,
            stars_gained_7d,
            percent_7d
        from trending_repos
        order by stars_gained_7d desc nulls last, full_name
        limit 10
        """,
    ),
    (
        'Totals by company and growth in thirty days (company_total_stars)',
        (
            Column('company'),
            Column('repositories'),
            Column('stars'),
            Column('gained'),
            Column('forks'),
            Column('open issues'),
        ),
        """
        with latest as (
            select max(snapshot_date) as day from company_total_stars
        ),

        first as (
            select company_name, total_stars
            from company_total_stars
            where
                snapshot_date = (
                    select min(snapshot_date) from company_total_stars
                )
        )

        select
            now.company_name,
            now.repo_count,
            now.total_stars,
            now.total_stars - first.total_stars,
            now.total_forks,
            now.total_open_issues
        from company_total_stars as now
        inner join latest on latest.day = now.snapshot_date
        inner join first on first.company_name = now.company_name
        order by now.total_stars desc
        """,
    ),
    (
        'Languages over all companies (top_languages)',
        (
            Column('language'),
            Column('bytes'),
            Column('share, %'),
            Column('repositories'),
            Column('companies'),
        ),
        """
        select
            language_name,
            total_bytes,
            share_percent,
            repo_count,
            company_count
        from top_languages
        order by total_bytes desc, language_name
        limit 8
        """,
    ),
)


@contextmanager
def _simulator_errors() -> Iterator[None]:
    """Turn errors of the simulator into those of this program."""
    try:
        yield
    except PortError as error:
        raise WarehouseError(str(error)) from error
    except SimulatorError as error:
        raise UsageError(str(error)) from error


@click.command('demo')
@_simulator_errors()
def demo_command() -> None:
    """Ingest thirty simulated days, from HTTP requests to dashboards.

    Starts a simulated GitHub and an embedded PostgreSQL, runs the ingest
    for thirty days and prints the results. Needs no token, Docker or
    server. All files are in the folder .demo, the dashboards in
    .demo/report.html. No process keeps running.

    \b
    Examples:
      github-warehouse demo
      WAREHOUSE_DIR=.demo github-warehouse psql     (to query the data)
    """
    console = Console()
    console.print(
        'A simulated GitHub, an embedded PostgreSQL, thirty days of ingest.'
    )
    with open_demo() as demo:
        with log_to_file(DIRECTORY / 'demo.log'):
            snapshots = _play(demo, console)
        console.print(
            f'{DAYS} days: {snapshots:,} snapshots written to the '
            f'{demo.warehouse.name}.'
        )
        for title, columns, question in _QUESTIONS:
            print_table(console, title, columns, demo.ask(question))
        page = DIRECTORY / 'report.html'
        with connect(demo.warehouse.url) as connection:
            write_page(render_report(connection), page)
    console.print()
    console.print(f'The dashboards are in {page}: open it in a browser.')
    console.print()
    console.print(_NEXT, highlight=False, markup=False, end='')


def _play(demo: Demo, console: Console) -> int:
    snapshots = 0
    with Progress(
        TextColumn('{task.description}'),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn('days'),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    ) as bar:
        task = bar.add_task('ingesting', total=DAYS + 1)
        for outcome in demo.play():
            snapshots += (
                outcome.written.snapshots_fresh
                + outcome.written.snapshots_carried
            )
            bar.update(task, advance=1, description=f'{outcome.run.day}')
    return snapshots


@click.command('simulate', epilog=GENERATED_VALUES_NOTE)
@click.option(
    '--load',
    type=click.Path(path_type=Path),
    help='Serve recorded repositories from this file.',
)
@click.option(
    '--accounts',
    help='Generate accounts, LOGIN:REPOSITORIES[:user], separated by commas '
    '[default: acme:250,octocat:12:user].',
)
@click.option(
    '--seed', default=1, show_default=True, help='Seed of --accounts.'
)
@click.option(
    '--today',
    type=click.DateTime(['%Y-%m-%d']),
    help='First simulated day, UTC [default: today].',
)
@click.option(
    '--port',
    type=click.IntRange(0, 65535),
    default=8080,
    show_default=True,
    help='Port to listen on; 0 for a free one.',
)
@click.option(
    '--listen',
    metavar='ADDRESS',
    default='127.0.0.1',
    show_default=True,
    help='Address to listen on; use 0.0.0.0 in a container.',
)
@_simulator_errors()
def simulate_command(
    load: Path | None,
    accounts: str | None,
    seed: int,
    today: datetime.datetime | None,
    port: int,
    listen: str,
) -> None:
    """Serve a simulated GitHub over REST and GraphQL until stopped.

    \b
    Examples:
      github-warehouse simulate --accounts google:2800,torvalds:11:user
      github-warehouse simulate --load llnl-2025-12-27.json --port 9000

    \b
    The simulated day changes only on request:
      curl -X POST -d '{"days": 1}' http://127.0.0.1:8080/_simulator/advance
      curl http://127.0.0.1:8080/_simulator/state      (all data)
      curl http://127.0.0.1:8080/_simulator/requests   (request counts)
    """
    world = _world(load, accounts, seed, today)
    with Simulator(world, port=port, address=listen) as simulator:
        click.echo(
            f'Simulated GitHub with {len(world.accounts)} accounts and '
            f'{len(world.repositories):,} repositories. To use it:\n\n'
            f'  export GITHUB_API_URL={simulator.url}\n'
            '  export GITHUB_TOKEN=simulated-token\n\n'
            'Stop it with Ctrl-C.'
        )
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


def _world(
    load: Path | None,
    accounts: str | None,
    seed: int,
    today: datetime.datetime | None,
) -> World:
    """Load or generate the world that the options describe."""
    if load is not None and accounts is not None:
        raise UsageError('--load and --accounts cannot be combined')
    day = today.date() if today else utc_now().date()
    if day < _GITHUB_OPENED:
        raise UsageError(
            f'--today {day}: GitHub opened on {_GITHUB_OPENED}; use that day '
            'or a later one'
        )
    if load is not None:
        return load_recorded(load, today=day)
    specs = parse_accounts(accounts or 'acme:250,octocat:12:user')
    return World.generate(specs, seed=seed, today=day)
