"""Connect Metabase to the warehouse."""

from collections.abc import Set
from typing import Any

from tenacity import (
    RetryError,
    Retrying,
    retry_if_result,
    stop_after_delay,
    wait_fixed,
)

from github_warehouse.dashboards.client import MetabaseClient
from github_warehouse.dashboards.contents import Fields
from github_warehouse.errors import DashboardError, SettingsError
from github_warehouse.warehouse.server_urls import connection_parameters

_DATABASE = 'GitHub Warehouse'
_SYNC_SECONDS = 300


def database_details(url: str, schema: str) -> dict[str, Any]:
    """Return the connection details of the warehouse in Metabase's format.

    Raises:
        SettingsError: the URL lacks the host, the database or the user, or
            names several hosts.
    """
    parts = connection_parameters(url)
    for name in ('host', 'dbname', 'user'):
        if name not in parts or ',' in parts[name]:
            raise SettingsError(
                f'the URL of the warehouse must name one {name}: Metabase '
                'needs postgresql://USER:PASSWORD@HOST:PORT/DATABASE'
            )
    return {
        'host': parts['host'],
        'port': int(parts.get('port', 5432)),
        'dbname': parts['dbname'],
        'user': parts['user'],
        'password': parts.get('password', ''),
        'ssl': parts.get('sslmode', '')
        in ('require', 'verify-ca', 'verify-full'),
        'schema-filters-type': 'inclusion',
        'schema-filters-patterns': schema,
    }


def connect_warehouse(client: MetabaseClient, details: dict[str, Any]) -> int:
    """Create or update the database in Metabase; return its ID."""
    payload = {'name': _DATABASE, 'engine': 'postgres', 'details': details}
    for database in client.call('GET', '/api/database')['data']:
        if (database['name'], database['engine']) == (_DATABASE, 'postgres'):
            path = f'/api/database/{database["id"]}'
            client.call('PUT', path, payload)
            client.call('POST', f'{path}/sync_schema')
            return int(database['id'])
    return int(client.call('POST', '/api/database', payload)['id'])


def find_fields(
    client: MetabaseClient, database_id: int, schema: str, needed: Set[str]
) -> Fields:
    """Wait until Metabase knows all these columns; return their field IDs.

    Args:
        client: client that is logged in.
        database_id: Metabase's ID of the warehouse.
        schema: schema of the warehouse.
        needed: columns as `view.column`.
    """

    def known() -> dict[str, int]:
        path = f'/api/database/{database_id}/metadata'
        return {
            f'{table["name"]}.{field["name"]}': int(field['id'])
            for table in client.call('GET', path)['tables']
            if table['schema'] == schema
            for field in table['fields']
        }

    retrying = Retrying(
        stop=stop_after_delay(_SYNC_SECONDS),
        wait=wait_fixed(1),
        retry=retry_if_result(lambda found: not needed <= found.keys()),
    )
    try:
        fields: dict[str, int] = retrying(known)
    except RetryError as error:
        missing = needed - error.last_attempt.result().keys()
        raise DashboardError(
            f'Metabase did not find {", ".join(sorted(missing))} within '
            f'{_SYNC_SECONDS} seconds: check that its role may read the '
            'views; `github-warehouse migrate` grants that to '
            'warehouse_reader and the roles in WAREHOUSE_READERS'
        ) from error
    return {name: fields[name] for name in needed}
