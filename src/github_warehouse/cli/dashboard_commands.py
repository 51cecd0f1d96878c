"""Commands that make dashboards."""

import click

from github_warehouse.config import read_metabase_settings, read_settings
from github_warehouse.dashboards.publish import publish
from github_warehouse.errors import SettingsError
from github_warehouse.logs import configure_logs


@click.group('dashboards')
def dashboards_command() -> None:
    """Dashboards in Metabase."""


@dashboards_command.command('publish')
def publish_command() -> None:
    """Set Metabase up and connect it to the warehouse.

    METABASE_URL is the Metabase, METABASE_ADMIN_EMAIL and
    METABASE_ADMIN_PASSWORD its administrator, who is made if there is none
    yet. WAREHOUSE_URL, or WAREHOUSE_HOST, PORT, DB, USER, PASSWORD, is the
    warehouse as Metabase reaches it, as a role that only reads. May be
    repeated: nothing doubles.
    """
    settings = read_settings()
    configure_logs(settings.log_format)
    if settings.warehouse_url is None:
        raise SettingsError(
            'no server is named: Metabase cannot read the embedded '
            'PostgreSQL; set WAREHOUSE_URL'
        )
    for line in publish(read_metabase_settings(), settings.warehouse_url):
        click.echo(line)
