"""Watch a connection while it waits: who blocks it, does the server answer?

A server that was stopped, or a network that swallows what is sent, may keep
a connection open without ever answering: neither a time-out of the server's
nor a TCP keepalive ends that.
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
# A server that works answers within these seconds, one look out of three.
_ANSWER_SECONDS = 15
_LOOKS_UNANSWERED = 3
_LONGEST_SECONDS = 3 * 3600


class Watch:
    """Looks at a connection from time to time, from a thread of its own.

    Attributes:
        blockers: the sessions that last kept it waiting, for people.
        is_advisory: whether they kept a lock that only runs and migrations
            take.
        shut_because: why the connection was shut; empty when it was not.
    """

    def __init__(
        self,
        connection: Connection,
        open_another: Callable[[], Connection],
        look_seconds: float,
    ) -> None:
        self.blockers = ''
        self.is_advisory = False
        self.shut_because = ''
        self._connection = connection
        self._open_another = open_another
        self._look_seconds = look_seconds
        self._over = threading.Event()
        # the connection must not be looked at while it is closed
        self._lock = threading.Lock()

    def __enter__(self) -> 'Watch':
        # a number of its own, which cannot be another file's meanwhile
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
            self._over.set()
            self._socket.close()

    def _watch(self) -> None:
        began, unanswered = time.monotonic(), 0
        while not self._over.wait(self._look_seconds):
            if time.monotonic() - began > _LONGEST_SECONDS:
                self._shut('it took hours')
            if not self._is_waiting() or self._look():
                unanswered = 0
                continue
            unanswered += 1
            if unanswered == _LOOKS_UNANSWERED:
                self._shut('it does not answer any more')

    def _is_waiting(self) -> bool:
        with self._lock:
            return not self._over.is_set() and (
                self._connection.info.transaction_status
                == psycopg2.extensions.TRANSACTION_STATUS_ACTIVE
            )

    def _look(self) -> bool:
        """Look who blocks the connection; tell whether PostgreSQL answers."""
        asking = threading.Thread(target=self._ask, daemon=True)
        asking.start()
        asking.join(_ANSWER_SECONDS)
        return not asking.is_alive()

    def _ask(self) -> None:
        # a refusal, such as of one connection too many, is an answer too
        with suppress(psycopg2.Error):
            with (
                closing(self._open_another()) as connection,
                closing(connection.cursor()) as cursor,
            ):
                cursor.execute(_WHO_BLOCKS.read_text('utf-8'))
                found = cursor.fetchall()
                self.blockers = '; '.join(_in_words(*row) for row in found)
                self.is_advisory = any(row[-1] for row in found)

    def _shut(self, reason: str) -> None:
        with self._lock:
            if not self._over.is_set():
                self.shut_because = reason
                self._over.set()
                # TLS, too, is shut below its own layer: it may be in use
                with suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)


def _in_words(
    pid: int, user: str, application: str, since: Any, is_advisory: bool
) -> str:
    """Name a session for people."""
    words = [f'user {user}', f'application {application or "unnamed"}']
    if since is not None:
        words.append(f'since {since.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC')
    return f'session {pid} ({", ".join(words)})'
