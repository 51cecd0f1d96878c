"""Monitor a connection while it waits for PostgreSQL.

A frozen server, or a network that drops packets silently, can keep a
connection open without ever answering. Neither server-side timeouts nor TCP
keepalives end that.
"""

import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC
from pathlib import Path
from types import TracebackType
from typing import Any

import psycopg2
import psycopg2.extensions

Connection = psycopg2.extensions.connection

_WHO_BLOCKS = Path(__file__).parent / 'sql' / 'who_blocks.sql'
# A healthy server answers at least one of three probes within this time.
_PROBE_TIMEOUT_SECONDS = 15
_MAX_FAILED_PROBES = 3
_MAX_SECONDS = 3 * 3600


class Watch:
    """Monitors a connection from a background thread.

    Attributes:
        blockers: readable description of the sessions that last blocked it.
        is_advisory: whether they hold the lock that only runs and migrations
            take.
        shut_because: why the connection was shut down; empty if it was not.
    """

    def __init__(
        self,
        connection: Connection,
        open_connection: Callable[[], Connection],
        interval_seconds: float,
    ) -> None:
        self.blockers = ''
        self.is_advisory = False
        self.shut_because = ''
        self._connection = connection
        self._open_connection = open_connection
        self._interval_seconds = interval_seconds
        self._is_over = threading.Event()
        # the connection must not be inspected while it is being closed
        self._lock = threading.Lock()

    def __enter__(self) -> 'Watch':
        # a duplicate: the connection's own descriptor may be closed and reused
        self._socket = socket.socket(fileno=os.dup(self._connection.fileno()))
        threading.Thread(target=self._watch, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._lock:
            self._is_over.set()
            self._socket.close()

    def _watch(self) -> None:
        began, failed_probes = time.monotonic(), 0
        while not self._is_over.wait(self._interval_seconds):
            if time.monotonic() - began > _MAX_SECONDS:
                self._shut('it took hours')
            if not self._is_waiting() or self._probe():
                failed_probes = 0
                continue
            failed_probes += 1
            if failed_probes == _MAX_FAILED_PROBES:
                self._shut('it stopped answering')

    def _is_waiting(self) -> bool:
        with self._lock:
            return not self._is_over.is_set() and (
                self._connection.info.transaction_status
                == psycopg2.extensions.TRANSACTION_STATUS_ACTIVE
            )

    def _probe(self) -> bool:
        """Find the blocking sessions; return whether PostgreSQL answered."""
        query = threading.Thread(target=self._find_blockers, daemon=True)
        query.start()
        query.join(_PROBE_TIMEOUT_SECONDS)
        return not query.is_alive()

    def _find_blockers(self) -> None:
        # an error, such as too many connections, is an answer too
        with suppress(psycopg2.Error):
            with (
                closing(self._open_connection()) as connection,
                closing(connection.cursor()) as cursor,
            ):
                cursor.execute(_WHO_BLOCKS.read_text('utf-8'))
                found = cursor.fetchall()
                self.blockers = '; '.join(_describe(*row) for row in found)
                self.is_advisory = any(row[-1] for row in found)

    def _shut(self, reason: str) -> None:
        with self._lock:
            if not self._is_over.is_set():
                self.shut_because = reason
                self._is_over.set()
                # shuts the TCP socket even under TLS, whose layer may be busy
                with suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)


def _describe(
    pid: int, user: str, application: str, since: Any, is_advisory: bool
) -> str:
    """Describe a session for a message."""
    words = [f'user {user}', f'application {application or "unnamed"}']
    if since is not None:
        words.append(f'since {since.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC')
    return f'session {pid} ({", ".join(words)})'
