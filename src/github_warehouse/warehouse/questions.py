"""Query the warehouse: SQL, and psql."""

import os
import shutil
from typing import Any

from github_warehouse.config import DEFAULT_SCHEMA, Settings
from github_warehouse.errors import SettingsError
from github_warehouse.warehouse.connection import (
    Connection,
    Warehouse,
    transaction,
)
from github_warehouse.warehouse.server_urls import connection_parameters

_TLS_MODES = ('require', 'verify-ca', 'verify-full')
_ENVIRONMENT = {
    'host': 'PGHOST',
    'hostaddr': 'PGHOSTADDR',
    'port': 'PGPORT',
    'dbname': 'PGDATABASE',
    'user': 'PGUSER',
    'password': 'PGPASSWORD',
    'passfile': 'PGPASSFILE',
    'options': 'PGOPTIONS',
    'sslmode': 'PGSSLMODE',
    'sslrootcert': 'PGSSLROOTCERT',
    'sslcert': 'PGSSLCERT',
    'sslkey': 'PGSSLKEY',
    'channel_binding': 'PGCHANNELBINDING',
    'connect_timeout': 'PGCONNECT_TIMEOUT',
    'target_session_attrs': 'PGTARGETSESSIONATTRS',
}


def ask(connection: Connection, question: str) -> list[dict[str, Any]]:
    """Run a query and return each row as a dict, keyed by column name."""
    with transaction(connection) as cursor:
        cursor.execute(question)
        names = [column.name for column in cursor.description or ()]
        return [
            dict(zip(names, row, strict=True)) for row in cursor.fetchall()
        ]


def find_psql(settings: Settings) -> str:
    """Return the path of psql: from PATH, or from the `embedded` extra.

    The embedded server always uses the psql of its own wheel, which has the
    same version. That psql was built without TLS.

    Raises:
        SettingsError: there is no psql, or the URL requires TLS and the only
            psql has none.
    """
    url = settings.warehouse_url
    if url is not None:
        found = shutil.which('psql')
        if found is not None:
            return found
        sslmode = connection_parameters(url).get('sslmode')
        if sslmode in _TLS_MODES:
            raise SettingsError(
                f'sslmode={sslmode} needs a psql with TLS, and none is '
                'installed: install the PostgreSQL client'
            )
    from github_warehouse.warehouse.embedded import psql_path

    try:
        return psql_path()
    except SettingsError as error:
        if url is None:
            raise
        raise SettingsError(
            'psql is not installed: install the PostgreSQL client, or '
            'pip install "github-warehouse[embedded]"'
        ) from error


def psql_environment(warehouse: Warehouse) -> dict[str, str]:
    """Return the environment variables that psql needs to connect.

    A URL on the command line would show the password to every user. A schema
    other than `public` becomes the search path. Some poolers refuse that, so
    it needs the direct endpoint.
    """
    is_default = warehouse.schema == DEFAULT_SCHEMA
    url = warehouse.url if is_default else warehouse.migration_url
    parameters = connection_parameters(url)
    if not is_default:
        given = parameters.get('options') or os.environ.get('PGOPTIONS', '')
        path = f'-c search_path={warehouse.schema}'
        parameters['options'] = f'{given} {path}'.lstrip()
    return {
        _ENVIRONMENT[name]: value
        for name, value in parameters.items()
        if name in _ENVIRONMENT
    }
