"""Commands that publish or render the dashboards."""

from pathlib import Path

import click

from github_warehouse.cli.opening import opened_warehouse
from github_warehouse.config import read_settings
from github_warehouse.dashboards.publish import publish
from github_warehouse.dashboards.report import render_report
from github_warehouse.dashboards.settings import read_metabase_settings
from github_warehouse.errors import SettingsError, UsageError
from github_warehouse.logs import configure_logs
from github_warehouse.terminal import say
from github_warehouse.warehouse.connection import connect
from github_warehouse.warehouse.migrate import ensure_migrated


@click.group('dashboards')
def dashboards_command() -> None:
    """Manage the dashboards in Metabase.

    \b
    Example:
      github-warehouse dashboards publish
    """


@dashboards_command.command('publish')
def publish_command() -> None:
    """Create or update the dashboards in Metabase.

    Sets up the administrator, the connection to the warehouse, the dashboards
    and the home page, then runs every card. Running it again updates them
    without duplicates, and leaves what others created untouched.

    \b
    Settings:
      METABASE_URL             default http://127.0.0.1:3000
      METABASE_ADMIN_EMAIL     administrator, created if there is none
      METABASE_ADMIN_PASSWORD
      WAREHOUSE_URL            the warehouse as Metabase reaches it, with a
                               read-only role (or WAREHOUSE_HOST, _PORT, _DB,
                               _USER and _PASSWORD)
      WAREHOUSE_SCHEMA         its schema, default public

    \b
    Example:
      METABASE_ADMIN_EMAIL=me@example.org METABASE_ADMIN_PASSWORD=... \\
      WAREHOUSE_URL=postgresql://... github-warehouse dashboards publish
    """
    settings = read_settings()
    configure_logs(settings.log_format)
    if settings.warehouse_url is None:
        raise SettingsError(
            'no PostgreSQL server is set, and Metabase cannot read the '
            'embedded one: set WAREHOUSE_URL'
        )
    for line in publish(
        read_metabase_settings(), settings.warehouse_url, settings.schema
    ):
        say(line)


@click.command('report')
@click.option(
    '--output',
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path('report.html'),
    show_default=True,
    help='File to write.',
)
def report_command(output: Path) -> None:
    """Write the dashboards to one HTML page.

    The page shows the last 90 days. It needs no server and loads nothing from
    the network, so you can send it by mail or put it on any web site.

    \b
    Examples:
      github-warehouse report
      github-warehouse report --output /srv/www/index.html
    """
    _check_output(output)
    with opened_warehouse() as (_, warehouse):
        with connect(warehouse) as connection:
            ensure_migrated(warehouse, connection)
            page = render_report(connection)
    write_page(page, output)
    click.echo(f'{output}: {output.stat().st_size / 1e6:.1f} MB')


def write_page(page: str, output: Path) -> None:
    """Write the page to a file, replacing it atomically.

    Raises:
        UsageError: the path is not a regular file, or its folder is missing.
    """
    _check_output(output)
    target = output.resolve()
    part = target.with_name(f'{target.name}.part')
    try:
        part.write_text(page, encoding='utf-8')
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _check_output(output: Path) -> None:
    target = output.resolve()
    if target.exists() and not target.is_file():
        raise UsageError(f'{output} is not a regular file: choose another')
    if not target.parent.is_dir():
        raise UsageError(
            f'{output} cannot be written: create the folder {output.parent} '
            'first, or correct --output'
        )
