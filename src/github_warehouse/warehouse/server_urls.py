"""Parse the URL of a PostgreSQL server: its name and its lock file."""

from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import psycopg2.extensions

from github_warehouse.config import DEFAULT_SCHEMA
from github_warehouse.errors import SettingsError
from github_warehouse.warehouse.failures import reason
from github_warehouse.warehouse.private import lock_folder


def lock_file(url: str, schema: str) -> Path:
    """Return the lock file of a warehouse; equivalent URLs give the same."""
    parameters = connection_parameters(url)
    # None if libpq uses its default socket
    host = parameters.get('host')
    if host and not host.startswith('/'):
        host = host.lower()
    port, name = parameters.get('port', 5432), parameters.get('dbname', '')
    database = f'{host}:{port}/{name}'
    if schema != DEFAULT_SCHEMA:
        database += f'/{schema}'
    digest = sha256(database.encode()).hexdigest()[:16]
    return lock_folder() / f'{digest}.lock'


def server_name(url: str) -> str:
    """Return the name of a database for messages, without secrets."""
    parts = urlsplit(url)
    database = parts.path.lstrip('/')
    return f'PostgreSQL database {database} on {parts.hostname or "a socket"}'


def connection_parameters(url: str) -> dict[str, str]:
    """Parse a URL as libpq does: host, port, dbname, user, ...

    Raises:
        SettingsError: libpq cannot parse the URL, or does not know one of its
            parameters.
    """
    try:
        parts = psycopg2.extensions.parse_dsn(url)
    except psycopg2.ProgrammingError as error:
        raise SettingsError(
            'the URL of the warehouse is not a PostgreSQL URL: '
            f'{reason(error)}; correct WAREHOUSE_URL or '
            'WAREHOUSE_MIGRATION_URL'
        ) from error
    return {name: str(value) for name, value in parts.items()}
