"""A deadline for a whole HTTP request, and a limit for the size of its body.

The time-outs of requests are for each packet: an answer that trickles, a
byte every few seconds, never reaches them. So a timer shuts the connection.
"""

import io
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

# The largest answer that is requested, 100 repositories with 100 languages
# each, has about 1 MiB. As Python objects, JSON takes up to 36 times as much.
LARGEST_BODY = 8 * 2**20
_CHUNK = 2**16

_current = threading.local()


class Deadline:
    """Shuts the connection of this thread's request when time is up.

    Attributes:
        is_over: time is up; what was read may have been cut short.
    """

    def __init__(self, seconds: float) -> None:
        self.is_over = False
        self._socket: socket.socket | None = None
        self._opening: socket.socket | None = None
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
        if self._opening is not None:
            self._opening.close()

    def watch_opening(self, connected: socket.socket) -> None:
        """Also shut this socket, which a proxy or TLS is yet to open.

        As a duplicate: TLS takes the original one over.
        """
        if self._opening is not None:
            self._opening.close()
        self._opening = connected.dup()
        if self.is_over:
            self._end()

    def watch(self, connected: socket.socket) -> None:
        """Shut this socket when time is up; at once if it is up already."""
        self._socket = connected
        if self.is_over:
            self._end()

    def _end(self) -> None:
        self.is_over = True
        for watched in (self._socket, self._opening):
            if watched is not None:
                # below TLS, whose layer another thread may be using
                with suppress(OSError):
                    socket.socket.shutdown(watched, socket.SHUT_RDWR)


class _Watched(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        connected = super()._new_conn()
        deadline = getattr(_current, 'deadline', None)
        if deadline is not None:
            deadline.watch_opening(connected)
        return connected

    def getresponse(self) -> Any:
        deadline = getattr(_current, 'deadline', None)
        if deadline is not None and self.sock is not None:
            deadline.watch(self.sock)
        return super().getresponse()


class _WatchedTLS(_Watched, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Watched


class _PoolTLS(HTTPSConnectionPool):
    ConnectionCls = _WatchedTLS


class WatchedAdapter(HTTPAdapter):
    """Opens connections that a Deadline can shut."""

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
        """Drop cookies: Python's parser warns about those it cannot read."""
        original = getattr(resp, '_original_response', None)
        if original is not None:
            del original.msg['Set-Cookie'], original.msg['Set-Cookie2']
        return super().build_response(req, resp)


_POOLS = {'http': _Pool, 'https': _PoolTLS}


class WatchedSession(requests.Session):
    """Leaves every body to be read by `read_body`, also of redirects."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Find no redirect: requests would read the whole body of one."""


def read_body(response: requests.Response) -> None:
    """Read the body, decompressed, and mark it as UTF-8, as JSON is.

    Raises:
        AnswerError: it is larger than LARGEST_BODY.
        urllib3.exceptions.HTTPError: it breaks off.
    """
    raw, body = response.raw, io.BytesIO()
    try:
        for chunk in raw.stream(_CHUNK, decode_content=True):
            if body.tell() + len(chunk) > LARGEST_BODY:
                raise AnswerError(
                    f'GitHub answered with more than {LARGEST_BODY:,} bytes, '
                    'larger than any page can be: not read'
                )
            body.write(chunk)
    finally:
        # a connection that was read to the end is back in the pool already
        raw.close()
    body.seek(0)
    response.raw = body
    response.encoding = 'utf-8'
