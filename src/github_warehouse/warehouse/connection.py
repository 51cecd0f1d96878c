"""The warehouse: which PostgreSQL it is, and connections to it."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2
import psycopg2.errors
import psycopg2.extensions
import psycopg2.sql

from github_warehouse.config import DEFAULT_SCHEMA, Settings
from github_warehouse.errors import DatabaseAwayError
from github_warehouse.warehouse import waking
from github_warehouse.warehouse.failures import as_database_error, reason
from github_warehouse.warehouse.server_urls import (
    connection_parameters,
    lock_file,
    server_name,
)
from github_warehouse.warehouse.watch import Watch

Cursor = psycopg2.extensions.cursor


class Connection(psycopg2.extensions.connection):
    """A connection to a warehouse.

    Attributes:
        schema: schema of the warehouse.
    """

    schema = DEFAULT_SCHEMA


@dataclass(frozen=True)
class Warehouse:
    """A PostgreSQL that can be connected to.

    Attributes:
        url: for everyday work; may go through a pooler.
        migration_url: a direct endpoint, for migrations.
        name: what to call it in front of people; holds no secret.
        lock_file: held by the one ingest that may go on on this host.
        start_again: starts the embedded server unless it runs, and returns
            its URL; None for other servers.
        schema: holds all objects of the warehouse.
        readers: roles that `migrate` lets read it.
    """

    url: str = field(repr=False)
    migration_url: str = field(repr=False)
    name: str
    lock_file: Path
    start_again: Callable[[], str] | None = field(default=None, repr=False)
    schema: str = DEFAULT_SCHEMA
    readers: tuple[str, ...] = ()


@contextmanager
def open_warehouse(
    settings: Settings, creates: bool = True
) -> Iterator[Warehouse]:
    """Provide the warehouse of the settings; runs the embedded one.

    Args:
        settings: name it.
        creates: whether an embedded one is made if it is missing.

    Raises:
        DatabaseError: the embedded server does not start.
        SettingsError: the embedded server is not installed, or is missing.
    """
    if settings.warehouse_url is not None:
        url = settings.warehouse_url
        for each in (url, settings.migration_url or url):
            connection_parameters(each)
        yield Warehouse(
            url,
            settings.migration_url or url,
            _in_schema(server_name(url), settings.schema),
            lock_file(url, settings.schema),
            schema=settings.schema,
            readers=settings.readers,
        )
        return
    from github_warehouse.warehouse.embedded import (
        check_exists,
        embedded_server,
        start_again,
    )

    directory = settings.warehouse_directory
    if not creates:
        check_exists(directory)
    with embedded_server(directory) as url:
        yield Warehouse(
            url,
            url,
            _in_schema(f'embedded PostgreSQL in {directory}', settings.schema),
            directory / 'ingest.lock',
            lambda: start_again(directory),
            settings.schema,
            settings.readers,
        )


def _in_schema(name: str, schema: str) -> str:
    return name if schema == DEFAULT_SCHEMA else f'{name}, schema {schema}'


@contextmanager
def connect(
    warehouse: Warehouse,
    is_direct: bool = False,
    is_patient: bool = False,
    look_seconds: float | None = None,
) -> Iterator[Connection]:
    """Connect, and close the connection at the end.

    A server that is waking is tried again for some seconds; a patient caller
    tries whatever is wrong again for ten minutes.

    Args:
        warehouse: what to connect to.
        is_direct: whether to use the direct endpoint, for migrations.
        is_patient: whether much would be lost without the connection.
        look_seconds: how often to look who blocks it while it waits; None: a
            third of the time that it waits for a lock.

    Raises:
        DatabaseAwayError: PostgreSQL cannot be reached, refuses the login,
            or breaks the connection.
        DatabaseError: it refuses a statement.
        RunInProgressError: another run, command or migration is writing.
    """
    url = warehouse.migration_url if is_direct else warehouse.url
    name = _application_name(warehouse.schema)
    try:
        opened: Connection = (waking.PATIENT if is_patient else waking.QUICK)(
            _open, url, fallback_application_name=name
        )
    except psycopg2.Error as error:
        raise DatabaseAwayError(
            f'cannot connect to the {server_name(url)}: {reason(error)}; '
            'check WAREHOUSE_URL, or WAREHOUSE_HOST, _PORT, _DB, _USER and '
            '_PASSWORD'
        ) from error
    opened.schema = warehouse.schema
    with closing(opened) as connection:
        watch = Watch(
            connection,
            lambda: _open(
                url,
                fallback_application_name=name,
                connect_timeout=str(waking.CONNECT_SECONDS * 3),
            ),
            look_seconds or _LOCK_SECONDS / 3,
        )
        try:
            with watch:
                yield connection
        except psycopg2.Error as error:
            raise as_database_error(
                server_name(url), error, connection, watch
            ) from error


def _application_name(schema: str) -> str:
    """Return the name of our sessions, by which Watch finds those that wait.

    PostgreSQL truncates names longer than 63 bytes.
    """
    return _in_schema('github-warehouse', schema)[:63]


def _open(url: str, **given: str) -> Connection:
    parameters: dict[str, Any] = (
        _DEFAULTS | connection_parameters(url) | _OURS | given
    )
    connection: Connection = psycopg2.connect(**parameters)
    name = 'standard_conforming_strings'
    if connection.get_parameter_status(name) == 'off':
        # not for every server: poolers refuse the parameter `options`
        connection.close()
        options = f'{parameters.get("options", "")} -c {name}=on'
        connection = psycopg2.connect(**parameters | {'options': options})
    return connection


# A peer that is gone is noticed within about two minutes. A URL may say
# otherwise. https://www.postgresql.org/docs/current/libpq-connect.html
_DEFAULTS = {
    'connect_timeout': str(waking.CONNECT_SECONDS),
    'keepalives': '1',
    'keepalives_idle': '60',
    'keepalives_interval': '15',
    'keepalives_count': '4',
    'tcp_user_timeout': '120000',
}
_OURS = {'client_encoding': 'UTF8', 'connection_factory': Connection}

# How long a statement waits for a lock, at most.
_LOCK_SECONDS = 120
_SETTINGS = """
    -- what is read after a lock must be what is true after it
    set transaction isolation level read committed;
    set local time zone 'UTC';
    set local datestyle to 'ISO, YMD';
    set local search_path to {schema};
    set local lock_timeout to %(lock_timeout)s;
    set local statement_timeout to '60min';
    set local idle_in_transaction_session_timeout to '30min';
    -- so that the server, too, notices a peer that is gone
    set local tcp_keepalives_idle to 60;
    set local tcp_keepalives_interval to 15;
    set local tcp_keepalives_count to 4
"""


@contextmanager
def transaction(connection: Connection) -> Iterator[Cursor]:
    """Run one transaction, in the schema of the warehouse and in UTC.

    The settings are local to the transaction, so that a session pooled
    between clients keeps none of them.
    """
    with connection, connection.cursor() as cursor:
        cursor.execute(
            psycopg2.sql.SQL(_SETTINGS).format(
                schema=psycopg2.sql.Identifier(connection.schema)
            ),
            {'lock_timeout': f'{_LOCK_SECONDS}s'},
        )
        yield cursor


def lock_name(connection: Connection, work: str) -> str:
    """Return the name of an advisory lock, one for each schema.

    In `public` it is the name that earlier versions take.
    """
    return _in_schema(f'github-warehouse {work}', connection.schema)
