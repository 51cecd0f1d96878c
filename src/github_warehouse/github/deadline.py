"""A deadline for a whole HTTP request, and a limit on the size of its body.

The timeouts of requests apply to each packet: an answer that arrives one byte
every few seconds never reaches them. So a timer shuts down the connection.
"""

import io
import os
import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from github_warehouse.errors import AnswerError

# The largest answer, 100 repositories with 100 languages each, is about 1 MiB.
# Parsed into Python objects, JSON takes up to 36 times as much memory.
LARGEST_BODY = 8 * 2**20
_CHUNK = 2**16

_current = threading.local()


class Deadline:
    """Shuts down the connection of this thread's request when time is up.

    Attributes:
        is_over: whether time is up; the answer may then be cut short.
    """

    def __init__(self, seconds: float) -> None:
        self.is_over = False
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> 'Deadline':
        _current.deadline = self
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        _current.deadline = None
        self._watch(None)

    def watch(self, connected: socket.socket) -> None:
        """Shut down this socket when time is up, or now if it already is.

        Below its TLS layer, which another thread may be using, and by a
        descriptor of our own: TLS detaches the socket that it wraps.
        """
        self._watch(socket.socket(fileno=os.dup(connected.fileno())))
        if self.is_over:
            self._end()

    def _watch(self, watched: socket.socket | None) -> None:
        with self._lock:
            if self._socket is not None:
                self._socket.close()
            self._socket = watched

    def _end(self) -> None:
        self.is_over = True
        with self._lock:
            if self._socket is not None:
                with suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)


def _watch(connected: socket.socket | None) -> None:
    deadline = getattr(_current, 'deadline', None)
    if deadline is not None and connected is not None:
        deadline.watch(connected)


class _Watched(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        # before a proxy's answer to CONNECT, and before the TLS handshake
        connected = super()._new_conn()
        _watch(connected)
        return connected

    def getresponse(self) -> Any:
        # of a connection that was used before
        _watch(self.sock)
        return super().getresponse()


class _WatchedTLS(_Watched, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Watched


class _PoolTLS(HTTPSConnectionPool):
    ConnectionCls = _WatchedTLS


class WatchedAdapter(HTTPAdapter):
    """Opens connections that a Deadline can shut down."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Create the pools of direct connections."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        """Create the pools of connections through a proxy."""
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager

    def build_response(
        self, req: requests.PreparedRequest, resp: Any
    ) -> requests.Response:
        """Drop cookies: Python's parser warns about malformed ones."""
        original = getattr(resp, '_original_response', None)
        if original is not None:
            del original.msg['Set-Cookie'], original.msg['Set-Cookie2']
        return super().build_response(req, resp)


_POOLS = {'http': _Pool, 'https': _PoolTLS}


class WatchedSession(requests.Session):
    """Leaves every body to `read_body`, including the bodies of redirects."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Report no redirect: requests would read its whole body."""


def read_body(response: requests.Response) -> None:
    """Read and decompress the body of a response; decode it as UTF-8.

    JSON is UTF-8: https://www.rfc-editor.org/rfc/rfc8259#section-8.1

    Raises:
        AnswerError: it is larger than LARGEST_BODY, in bytes.
        urllib3.exceptions.HTTPError: the connection broke.
    """
    raw, body = response.raw, io.BytesIO()
    try:
        for chunk in raw.stream(_CHUNK, decode_content=True):
            if body.tell() + len(chunk) > LARGEST_BODY:
                raise AnswerError(
                    f'GitHub sent more than {LARGEST_BODY:,} bytes, more than '
                    'any page can have: the answer was dropped'
                )
            body.write(chunk)
    finally:
        # after the last byte the connection is already back in the pool
        raw.close()
    body.seek(0)
    response.raw = body
    response.encoding = 'utf-8'
