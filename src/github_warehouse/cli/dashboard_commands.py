"""Commands that make dashboards."""

from pathlib import Path

import click

from github_warehouse.cli.opening import opened_warehouse
from github_warehouse.config import read_metabase_settings, read_settings
from github_warehouse.dashboards.publish import publish
from github_warehouse.dashboards.report import render_report
from github_warehouse.errors import SettingsError, UsageError
from github_warehouse.logs import configure_logs
from github_warehouse.terminal import say
from github_warehouse.warehouse.connection import connect
from github_warehouse.warehouse.migrate import ensure_migrated


@click.group('dashboards')
def dashboards_command() -> None:
    """Dashboards in Metabase.

    \b
    Example:
      github-warehouse dashboards publish
    """


@dashboards_command.command('publish')
def publish_command() -> None:
    """Bring Metabase up: administrator, warehouse, dashboards, home page.

    METABASE_URL is the Metabase, METABASE_ADMIN_EMAIL and
    METABASE_ADMIN_PASSWORD its administrator, who is made if there is none
    yet. WAREHOUSE_URL, or WAREHOUSE_HOST, PORT, DB, USER, PASSWORD, is the
    warehouse as Metabase reaches it, as a role that only reads. Every card is
    run. May be repeated: nothing doubles, and what people made themselves
    stays.

    \b
    Example:
      METABASE_ADMIN_EMAIL=me@example.org METABASE_ADMIN_PASSWORD=... \\
      WAREHOUSE_URL=postgresql://... github-warehouse dashboards publish
    """
    settings = read_settings()
    configure_logs(settings.log_format)
    if settings.warehouse_url is None:
        raise SettingsError(
            'no server is named: Metabase cannot read the embedded '
            'PostgreSQL; set WAREHOUSE_URL'
        )
    for line in publish(read_metabase_settings(), settings.warehouse_url):
        say(line)


@click.command('report')
@click.option(
    '--output',
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path('report.html'),
    show_default=True,
    help='Where to write it.',
)
def report_command(output: Path) -> None:
    """Write the dashboards into one HTML page.

    It needs no server and loads nothing from anywhere: send it, or publish
    it. It shows the last 90 days.

    \b
    Examples:
      github-warehouse report
      github-warehouse report --output /srv/www/index.html
    """
    _check_output(output)
    with opened_warehouse() as (_, warehouse):
        with connect(warehouse.url) as connection:
            ensure_migrated(warehouse, connection)
            page = render_report(connection)
    write_page(page, output)
    click.echo(f'{output}: {output.stat().st_size / 1e6:.1f} MB')


def write_page(page: str, output: Path) -> None:
    """Write the page whole, or leave what was there.

    Raises:
        UsageError: there is something else than a file, or no such folder.
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
        raise UsageError(f'{output} is there, and is no file')
    if not target.parent.is_dir():
        raise UsageError(
            f'{output} cannot be written: make the folder {output.parent} '
            'first, or correct --output'
        )
