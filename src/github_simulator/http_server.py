"""The HTTP/1.1 server: keep-alive, gzip and transport faults."""

import email.utils
import gzip
import io
import itertools
import socket
import struct
import sys
import threading
import time
import urllib.parse
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from github_simulator.faults import Fault
from github_simulator.http_messages import (
    ENTERPRISE_PREFIX,
    Request,
    Response,
)

LOOPBACK = '127.0.0.1'
JSON_TYPE = 'application/json; charset=utf-8'
VARY = 'Accept, Authorization, Cookie, X-GitHub-OTP, Accept-Encoding'
# Linger for 0 seconds: closing then resets the connection.
RESET_ON_CLOSE = struct.pack('ii', 1, 0)
STOP_SECONDS = 5.0
SLOW_SECONDS = 0.05

Respond = Callable[[Request], tuple[Response, Fault | None]]


class Listener(ThreadingHTTPServer):
    """Listen on an address and pass every request to one function."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self,
        address: str,
        port: int,
        respond: Respond,
        clock: Callable[[], float],
    ) -> None:
        self.respond = respond
        self.clock = clock
        self.request_numbers = itertools.count(1)
        self._connections: set[Any] = set()
        self._changed = threading.Condition()
        super().__init__((address, port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Keep track of the connection while it is open."""
        with self._changed:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection."""
        super().shutdown_request(request)
        with self._changed:
            self._connections.discard(request)
            self._changed.notify_all()

    def end_connections(self) -> None:
        """Close the connections that clients keep open."""
        with self._changed:
            for connection in self._connections:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    # The client has already closed it.
                    continue
            self._changed.wait_for(lambda: not self._connections, STOP_SECONDS)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print the error, unless the client closed the connection."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _SlowWriter(io.BufferedIOBase):
    """Sends one byte every SLOW_SECONDS."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def write(self, data: Any) -> int:
        for byte in bytes(data):
            self._connection.sendall(bytes([byte]))
            time.sleep(SLOW_SECONDS)
        return len(data)


class _Handler(BaseHTTPRequestHandler):
    server: Listener
    protocol_version = 'HTTP/1.1'
    # Send head and body in one write.
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        response, fault = self.server.respond(self._request())
        transport = fault.transport if fault is not None else ''
        if transport == 'reset':
            self.connection.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE
            )
            self.connection.close()
            self.close_connection = True
            return
        self._send(response, transport)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def _request(self) -> Request:
        length = int(self.headers.get('Content-Length') or 0)
        path, _, query = self.path.partition('?')
        path = urllib.parse.unquote(path)
        prefix = ''
        if path.startswith(ENTERPRISE_PREFIX + '/'):
            prefix = ENTERPRISE_PREFIX
        return Request(
            method=self.command,
            path=path.removeprefix(prefix),
            query=query,
            headers={
                name.lower(): value for name, value in self.headers.items()
            },
            body=self.rfile.read(length),
            base_url=f'http://{self._host()}{prefix}',
            caller=self.client_address[0],
        )

    def _host(self) -> str:
        own = f'{LOOPBACK}:{self.server.server_address[1]}'
        return self.headers.get('Host') or own

    def _send(self, response: Response, transport: str) -> None:
        body = response.encode_body()
        headers = {
            'Content-Type': JSON_TYPE,
            'Cache-Control': 'private, max-age=60, s-maxage=60',
            'Vary': VARY,
            'X-GitHub-Media-Type': 'github.v3; format=json',
            'X-GitHub-Request-Id': self._request_id(),
            **response.headers,
        }
        is_encoded = 'Content-Encoding' in headers
        accepted = self.headers.get('Accept-Encoding', '')
        if body and 'gzip' in accepted and not is_encoded:
            body = gzip.compress(body, compresslevel=1, mtime=0)
            headers['Content-Encoding'] = 'gzip'
        headers.setdefault('Server', self.version_string())
        headers.setdefault('Date', self.date_time_string())
        if response.status != 304:
            headers.setdefault('Content-Length', str(len(body)))
        if transport == 'slow headers':
            self._write_slowly()
        self.send_response_only(response.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if transport == 'truncated':
            body = body[: len(body) // 2]
            self.close_connection = True
        if transport == 'slow body':
            self._write_slowly()
        self.wfile.write(body)

    def _write_slowly(self) -> None:
        """Send everything that follows one byte at a time."""
        self.close_connection = True
        self.wfile.flush()
        self.wfile = _SlowWriter(self.connection)

    def _request_id(self) -> str:
        number = next(self.server.request_numbers)
        return f'51D0:1A2B:{number:06X}:{number * 7:06X}:{number:08X}'

    def date_time_string(self, timestamp: float | None = None) -> str:
        return email.utils.formatdate(self.server.clock(), usegmt=True)

    def version_string(self) -> str:
        return 'github.com'

    def log_message(self, format: str, *arguments: Any) -> None:
        """Log nothing: requests are counted instead."""
