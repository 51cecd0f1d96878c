"""Connections that a proxy or TLS never opens."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from github.conftest import settings_for
from github_warehouse.companies import find_on_github
from github_warehouse.errors import UnreachableError
from github_warehouse.github import transport
from github_warehouse.github.client import GitHubClient
from support import SimulatedClock

# a TLS record of 16 KiB, of which nothing follows but a byte now and then
_RECORD = b'\x16\x03\x03\x40\x00'


@contextmanager
def _trickling(*answers: bytes) -> Iterator[str]:
    """Listen; send the answers to what comes, the last one byte by byte."""
    listener = socket.create_server(('127.0.0.1', 0))
    is_over = threading.Event()

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            for answer in answers:
                connection.recv(9999)
                connection.sendall(answer)
            while not is_over.wait(0.05):
                connection.sendall(b'\x00' if answers[-1] == _RECORD else b'x')

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=serve, args=(connection,)).start()

    threading.Thread(target=accept).start()
    try:
        yield f'127.0.0.1:{listener.getsockname()[1]}'
    finally:
        is_over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _assert_given_up(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, '_DEADLINE_SECONDS', 0.4)
    began = time.monotonic()
    with GitHubClient(settings_for(url), SimulatedClock()) as github:
        with pytest.raises(UnreachableError, match='no whole answer'):
            find_on_github('acme', github)
    assert time.monotonic() - began < 5


# Python itself leaves a socket open on which TLS fails so early
@pytest.mark.filterwarnings('ignore::pytest.PytestUnraisableExceptionWarning')
@pytest.mark.parametrize(
    'answers',
    [
        (b'HTTP/1.1 200 OK\r\nX-A: ',),
        (b'HTTP/1.1 200 OK\r\n\r\n', _RECORD),
    ],
    ids=['CONNECT', 'TLS'],
)
def test_a_proxy_that_trickles_is_given_up(
    answers: tuple[bytes, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    with _trickling(*answers) as proxy:
        monkeypatch.setenv('HTTPS_PROXY', f'http://{proxy}')
        monkeypatch.setenv('NO_PROXY', '')
        _assert_given_up('https://api.github.example', monkeypatch)


def test_a_tls_handshake_that_trickles_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with _trickling(_RECORD) as server:
        _assert_given_up(f'https://{server}', monkeypatch)
