"""A deadline ends a request in every phase of its connection."""

import gc
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
import requests

from github_warehouse.github.deadline import (
    Deadline,
    WatchedAdapter,
    WatchedSession,
)

# The headers of an answer to CONNECT, and a record of a TLS handshake.
_BEGINS = {
    'proxy': b'HTTP/1.1 200 OK\r\nX-A: ',
    'tls': b'\x16\x03\x03\x40\x00',
}


@pytest.fixture
def trickling(request: pytest.FixtureRequest) -> Iterator[str]:
    """Begin an answer, then send a byte every tenth of a second."""
    with socket.create_server(('127.0.0.1', 0)) as listener:

        def serve() -> None:
            with suppress(OSError):
                connection, _ = listener.accept()
                with connection:
                    connection.recv(2**16)
                    connection.sendall(_BEGINS[request.param])
                    while True:
                        connection.sendall(b'\x02')
                        time.sleep(0.1)

        threading.Thread(target=serve, daemon=True).start()
        yield f'127.0.0.1:{listener.getsockname()[1]}'


# urllib3 leaves the socket to the garbage collector when a proxy's answer to
# CONNECT is cut short
@pytest.mark.filterwarnings('ignore:unclosed:ResourceWarning')
@pytest.mark.parametrize(
    ('trickling', 'is_proxy'),
    [('proxy', True), ('tls', False)],
    indirect=['trickling'],
)
def test_a_connection_that_trickles_before_the_request_is_ended(
    trickling: str, is_proxy: bool
) -> None:
    url = f'https://{trickling}/'
    proxies = {}
    if is_proxy:
        url = 'https://api.github.example/'
        proxies = {'https': f'http://{trickling}'}
    began = time.monotonic()
    with WatchedSession() as http, Deadline(0.5) as deadline:
        http.mount('https://', WatchedAdapter())
        with pytest.raises(requests.RequestException):
            http.get(url, proxies=proxies, timeout=(5, 5))
    assert deadline.is_over
    assert time.monotonic() - began < 3
    gc.collect()
