"""The demo: 31 simulated days in one command."""

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from github_warehouse.cli.dashboard_commands import write_page
from github_warehouse.cli.simulate_command import simulator_errors
from github_warehouse.dashboards.report import render_report
from github_warehouse.demo import DAYS, DIRECTORY, Demo, open_demo
from github_warehouse.logs import log_to_file
from github_warehouse.terminal import Column, print_table
from github_warehouse.warehouse.connection import connect

_NEXT = f"""\
All of it is simulated: no such company exists, and GitHub was not contacted.
Everything is in {DIRECTORY}, which you can delete at any time.

Next, track real companies. Create a token without scopes at
https://github.com/settings/tokens, then:

  export GITHUB_TOKEN=... COMPANIES=jenkinsci,torvalds
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
        'Totals per company, and stars gained in thirty days '
        '(company_total_stars)',
        (
            Column('company'),
            Column('repositories'),
            Column('stars'),
            Column('stars gained'),
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
        'Languages of all companies (top_languages)',
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


@click.command('demo')
@simulator_errors()
def demo_command() -> None:
    """Ingest 31 simulated days, and show the results.

    Starts a simulated GitHub and an embedded PostgreSQL, ingests today and the
    30 days before it one after another, prints three tables, and writes the
    dashboards to .demo/report.html. It takes 15 to 60 seconds and needs no
    token, Docker or server. All files are in .demo, and no process keeps
    running. When it is run again, it starts from scratch.

    \b
    Examples:
      github-warehouse demo
      WAREHOUSE_DIR=.demo github-warehouse psql     (query its warehouse)
    """
    console = Console()
    console.print(
        'Ingesting 31 days from a simulated GitHub into an embedded '
        'PostgreSQL.'
    )
    with open_demo() as demo:
        with log_to_file(DIRECTORY / 'demo.log'):
            snapshots = _play(demo, console)
        console.print(
            f'{DAYS} days: {snapshots:,} snapshots written to the '
            f'{demo.warehouse.name}.'
        )
        for title, columns, question in _QUESTIONS:
            print_table(console, title, columns, demo.query(question))
        page = DIRECTORY / 'report.html'
        with connect(demo.warehouse) as connection:
            write_page(render_report(connection), page)
    console.print()
    console.print(f'The dashboards are in {page}: open it in a browser.')
    console.print()
    console.print(_NEXT, highlight=False, markup=False, end='')


def _play(demo: Demo, console: Console) -> int:
    """Ingest all days with a progress bar; return the number of snapshots."""
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
        for result in demo.play():
            snapshots += (
                result.written.snapshots_fresh
                + result.written.snapshots_carried
            )
            bar.update(task, advance=1, description=f'{result.run.day}')
    return snapshots
