"""The warehouse: which PostgreSQL it is, and connections to it."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2
import psycopg2.errors
import psycopg2.extensions
import structlog
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    retry_if_exception_type,
    stop_after_attempt,
    stop_after_delay,
    wait_exponential,
)

from github_warehouse.config import Settings
from github_warehouse.errors import (
    DatabaseAwayError,
)
from github_warehouse.warehouse.failures import as_database_error, reason
from github_warehouse.warehouse.server_urls import (
    connection_parameters,
    lock_file,
    server_name,
)
from github_warehouse.warehouse.watch import Watch

Connection = psycopg2.extensions.connection
Cursor = psycopg2.extensions.cursor


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
    """

    url: str = field(repr=False)
    migration_url: str = field(repr=False)
    name: str
    lock_file: Path
    start_again: Callable[[], str] | None = field(default=None, repr=False)


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
            server_name(url),
            lock_file(url),
        )
        return
    from github_warehouse.warehouse.embedded import (
        check_exists,
        embedded_server,
        start_again,
    )

    if not creates:
        check_exists(settings.warehouse_directory)
    with embedded_server(settings.warehouse_directory) as url:
        yield Warehouse(
            url,
            url,
            f'embedded PostgreSQL in {settings.warehouse_directory}',
            settings.warehouse_directory / 'ingest.lock',
            lambda: start_again(settings.warehouse_directory),
        )


@contextmanager
def connect(
    url: str, is_patient: bool = False, look_seconds: float | None = None
) -> Iterator[Connection]:
    """Connect, and close the connection at the end.

    A server that is waking is tried again for some seconds; a patient caller
    tries whatever is wrong again for ten minutes.

    Args:
        url: of the warehouse.
        is_patient: whether much would be lost without the connection.
        look_seconds: how often to look who blocks it while it waits; None: a
            third of the time that it waits for a lock.

    Raises:
        DatabaseAwayError: PostgreSQL cannot be reached, refuses the login,
            or breaks the connection.
        DatabaseError: it refuses a statement.
        RunInProgressError: another run, command or migration is writing.
    """
    try:
        opened: Connection = (_PATIENT if is_patient else _CONNECTING)(
            _open, url
        )
    except psycopg2.Error as error:
        raise DatabaseAwayError(
            f'cannot connect to the {server_name(url)}: {reason(error)}; '
            'check WAREHOUSE_URL, or WAREHOUSE_HOST, _PORT, _DB, _USER and '
            '_PASSWORD'
        ) from error
    with closing(opened) as connection:
        watch = Watch(
            connection,
            lambda: _open(url, connect_timeout=str(_CONNECT_SECONDS * 3)),
            look_seconds or _LOCK_SECONDS / 3,
        )
        try:
            with watch:
                yield connection
        except psycopg2.Error as error:
            raise as_database_error(
                server_name(url), error, connection, watch
            ) from error


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


def _may_wake(error: BaseException) -> bool:
    """Return whether the server may be suspended or starting."""
    return isinstance(error, psycopg2.OperationalError) and any(
        sign in str(error) for sign in _SIGNS_OF_SLEEP
    )


def _log_away(state: RetryCallState) -> None:
    error = state.outcome and state.outcome.exception()
    structlog.get_logger().warning(
        'PostgreSQL is unreachable, retrying',
        reason=reason(error) if isinstance(error, psycopg2.Error) else '',
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
# Long enough for a restart with recovery, or for others to disconnect.
_PATIENT = Retrying(
    stop=stop_after_delay(600),
    wait=wait_exponential(multiplier=0.5, max=20),
    retry=retry_if_exception_type(psycopg2.OperationalError),
    before_sleep=_log_away,
    reraise=True,
)
# A peer that is gone is noticed within about two minutes. A URL may say
# otherwise. https://www.postgresql.org/docs/current/libpq-connect.html
_DEFAULTS = {
    'connect_timeout': str(_CONNECT_SECONDS),
    'fallback_application_name': 'github-warehouse',
    'keepalives': '1',
    'keepalives_idle': '60',
    'keepalives_interval': '15',
    'keepalives_count': '4',
    'tcp_user_timeout': '120000',
}
_OURS = {'client_encoding': 'UTF8'}


# How long a statement waits for a lock, at most.
_LOCK_SECONDS = 120
_SETTINGS = """
    -- what is read after a lock must be what is true after it
    set transaction isolation level read committed;
    set local time zone 'UTC';
    set local datestyle to 'ISO, YMD';
    set local search_path to public;
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
    """Run one transaction, in UTC whatever the server's settings.

    The settings are local to the transaction, so that a session pooled
    between clients keeps none of them.
    """
    with connection, connection.cursor() as cursor:
        cursor.execute(_SETTINGS, {'lock_timeout': f'{_LOCK_SECONDS}s'})
        yield cursor
