"""Bring a Metabase to the state that is wanted, as often as one likes."""

from collections.abc import Iterator
from typing import Any

from github_warehouse.config import MetabaseSettings
from github_warehouse.dashboards.client import MetabaseClient
from github_warehouse.warehouse.connection import connection_parameters

_DATABASE = 'GitHub Warehouse'


def publish(settings: MetabaseSettings, warehouse_url: str) -> Iterator[str]:
    """Set Metabase up, and connect it to the warehouse.

    Args:
        settings: which Metabase, and its administrator.
        warehouse_url: the warehouse as Metabase reaches it, as a role that
            only reads.

    Yields:
        What was done, a line each.

    Raises:
        DashboardError: Metabase is away, does not let the administrator in,
            or cannot reach the warehouse.
    """
    client = MetabaseClient(settings)
    client.wait_until_ready()
    is_new = client.log_in()
    yield f'{"set up" if is_new else "logged in to"} {settings.url}'
    database = _connect_warehouse(client, warehouse_url)
    yield f'connected to the warehouse, as database {database["id"]}'


def _connect_warehouse(client: MetabaseClient, url: str) -> dict[str, Any]:
    """Make or update the one database; names are not unique there."""
    parts = connection_parameters(url)
    wanted = {
        'name': _DATABASE,
        'engine': 'postgres',
        'details': {
            'host': parts['host'],
            'port': int(parts.get('port', 5432)),
            'dbname': parts['dbname'],
            'user': parts['user'],
            'password': parts['password'],
            'ssl': parts.get('sslmode') in ('require', 'verify-full'),
            'schema-filters-type': 'inclusion',
            'schema-filters-patterns': 'public',
        },
    }
    for database in client.call('GET', '/api/database')['data']:
        if (database['name'], database['engine']) == (_DATABASE, 'postgres'):
            path = f'/api/database/{database["id"]}'
            answer = client.call('PUT', path, wanted)
            client.call('POST', f'{path}/sync_schema')
            return dict(answer)
    return dict(client.call('POST', '/api/database', wanted))
