"""The warehouse: which PostgreSQL it is, and connections to it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import psycopg2.extensions
from tenacity import (
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    wait_exponential,
)

from github_warehouse.config import Settings
from github_warehouse.errors import DatabaseError, SettingsError
from github_warehouse.warehouse.private import lock_folder

Connection = psycopg2.extensions.connection
Cursor = psycopg2.extensions.cursor

_SQL_DIRECTORY = Path(__file__).parent / 'sql'


@dataclass(frozen=True)
class Warehouse:
    """A PostgreSQL that can be connected to.

    Attributes:
        url: for everyday work; may go through a pooler.
        migration_url: a direct endpoint, for migrations.
        name: what to call it in front of people; holds no secret.
        lock_file: held by the one ingest that may go on on this host.
    """

    url: str = field(repr=False)
    migration_url: str = field(repr=False)
    name: str
    lock_file: Path


@contextmanager
def open_warehouse(settings: Settings) -> Iterator[Warehouse]:
    """Provide the warehouse of the settings; runs the embedded one.

    Raises:
        DatabaseError: the embedded server does not start.
        SettingsError: the embedded server is not installed.
    """
    if settings.warehouse_url is not None:
        url = settings.warehouse_url
        yield Warehouse(
            url,
            settings.migration_url or url,
            _server_name(url),
            _lock_file(url),
        )
        return
    from github_warehouse.warehouse.embedded import embedded_server

    with embedded_server(settings.warehouse_directory) as url:
        yield Warehouse(
            url,
            url,
            f'embedded PostgreSQL in {settings.warehouse_directory}',
            settings.warehouse_directory / 'ingest.lock',
        )


def _lock_file(url: str) -> Path:
    """Name a file for a server's database, the same for every run of ours."""
    parts = urlsplit(url)
    database = f'{parts.hostname}:{parts.port or 5432}{parts.path}'
    digest = sha256(database.encode()).hexdigest()[:16]
    return lock_folder() / f'{digest}.lock'


def _server_name(url: str) -> str:
    parts = urlsplit(url)
    database = parts.path.lstrip('/')
    return f'PostgreSQL database {database} on {parts.hostname or "a socket"}'


def connection_parameters(url: str) -> dict[str, str]:
    """Take a URL apart, as libpq does: host, port, dbname, user, ...

    Raises:
        SettingsError: libpq does not know one of its parameters.
    """
    try:
        parts = psycopg2.extensions.parse_dsn(url)
    except psycopg2.ProgrammingError as error:
        raise SettingsError(
            f'the URL of the warehouse is not one of libpq: {_reason(error)}'
        ) from error
    return {name: str(value) for name, value in parts.items()}


@contextmanager
def connect(url: str) -> Iterator[Connection]:
    """Connect, and close the connection at the end.

    A server that is waking is tried again for some seconds.

    Raises:
        DatabaseError: PostgreSQL cannot be reached, refuses the login, or
            refuses a statement.
    """
    try:
        opened: Connection = _CONNECTING(_open, url)
    except psycopg2.Error as error:
        raise DatabaseError(
            f'cannot connect to the {_server_name(url)}: {_reason(error)}; '
            'check WAREHOUSE_URL, or WAREHOUSE_HOST, PORT, DB, USER, PASSWORD'
        ) from error
    with closing(opened) as connection:
        try:
            yield connection
        except psycopg2.Error as error:
            raise DatabaseError(
                f'the {_server_name(url)} failed: {_reason(error)}'
            ) from error


def _open(url: str) -> Connection:
    given = connection_parameters(url)
    return psycopg2.connect(
        url,
        connect_timeout=given.get('connect_timeout', _CONNECT_SECONDS),
        fallback_application_name='github-warehouse',
    )


def _may_wake(error: BaseException) -> bool:
    """Tell whether a server that sleeps, or starts, may be the reason."""
    return isinstance(error, psycopg2.OperationalError) and any(
        told in str(error) for told in _SIGNS_OF_SLEEP
    )


# A hosted PostgreSQL that is suspended takes some seconds to wake.
_CONNECT_SECONDS = 20
_SIGNS_OF_SLEEP = (
    'timeout expired',
    'timed out',
    'EOF detected',
    'not yet accepting connections',
    'shutting down',
    'closed the connection unexpectedly',
    'Connection reset',
    'is starting up',
)
_CONNECTING = Retrying(
    stop=stop_after_attempt(4),
    wait=wait_exponential(multiplier=0.5),
    retry=retry_if_exception(_may_wake),
    reraise=True,
)


def _reason(error: psycopg2.Error) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].removeprefix('FATAL:').strip()


@contextmanager
def transaction(connection: Connection) -> Iterator[Cursor]:
    """Run one transaction, in UTC whatever the server's settings.

    The settings are local to the transaction, so that a session pooled
    between clients keeps none of them.
    """
    with connection, connection.cursor() as cursor:
        # what is read after a lock must be what is true after it
        cursor.execute('set transaction isolation level read committed')
        cursor.execute('set local time zone \'UTC\'')
        cursor.execute('set local datestyle to \'ISO, YMD\'')
        cursor.execute('set local search_path to public')
        yield cursor


def read_sql(name: str) -> str:
    """Return the text of a statement kept in a file of its own.

    `{languages_are_due}` in it stands for the condition of that file.
    """
    text = (_SQL_DIRECTORY / f'{name}.sql').read_text(encoding='utf-8')
    if '{languages_are_due}' in text:
        return text.replace(
            '{languages_are_due}', read_sql('languages_are_due')
        )
    return text
