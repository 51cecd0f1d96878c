"""Recorded responses of GitHub, replayed over HTTP, are all classified."""

import gzip
import json
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from github.conftest import settings_for
from github_warehouse.errors import GitHubError
from github_warehouse.github.budgets import open_session
from github_warehouse.github.client import Cost, GitHubClient
from github_warehouse.github.session import GitHubSession
from support import NEEDS_SHARED_DATA, SHARED_DATA, SimulatedClock

RECORDED = SHARED_DATA / 'recorded'
FILES = ['errors', 'redirects', 'graphql', 'rate_limit', 'not_modified']
# Placeholder of the recording tool: a time relative to now.
_TEMPLATE = re.compile(
    r"\{\{(?:now|testStartDate)(?: offset='(-?\d+) (\w+)')?.*?\}\}"
)
_UNITS = {'seconds': 1, 'minutes': 60, 'hours': 3600}

pytestmark = pytest.mark.skipif(
    not RECORDED.is_dir(), reason=NEEDS_SHARED_DATA
)


def _exchanges(name: str) -> list[dict[str, Any]]:
    path = RECORDED / f'{name}.exchanges.ndjson'
    if not path.exists():
        return []
    return [_with_times(json.loads(x)) for x in path.read_text().splitlines()]


def _with_times(exchange: dict[str, Any]) -> dict[str, Any]:
    """Replace the time placeholders in a recorded exchange."""
    headers = exchange['headers']
    for name, value in headers.items():
        if 'EEE' in str(value):
            headers[name] = formatdate(usegmt=True)
        elif isinstance(value, str):
            headers[name] = _TEMPLATE.sub(_seconds, value)
    if isinstance(exchange['body'], str):
        text = _TEMPLATE.sub(_seconds, exchange['body'])
        try:
            exchange['body'] = json.loads(text)
        except ValueError:
            exchange['body'] = text
    return exchange


def _seconds(template: re.Match[str]) -> str:
    number, unit = template[1] or '0', template[2] or 'seconds'
    return str(int(time.time()) + int(number) * _UNITS[unit])


class _Replay(ThreadingHTTPServer):
    """A server that returns one recorded response for every request."""

    daemon_threads = True
    exchange: dict[str, Any]

    def __init__(self) -> None:
        super().__init__(('127.0.0.1', 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Replay

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get('Content-Length') or 0))
        exchange = self.server.exchange
        body = exchange['body']
        if not isinstance(body, str):
            body = '' if body is None else json.dumps(body)
        sent = gzip.compress(body.encode())
        self.send_response(exchange['status'])
        for name, value in _headers(exchange).items():
            self.send_header(name, value)
        if exchange['status'] != 304:
            self.send_header('Content-Encoding', 'gzip')
            self.send_header('Content-Length', str(len(sent)))
        self.end_headers()
        if exchange['status'] != 304:
            self.wfile.write(sent)

    do_POST = do_GET

    def log_message(self, format: str, *arguments: Any) -> None:
        """Log nothing."""


def _headers(exchange: dict[str, Any]) -> dict[str, str]:
    """Return the recorded headers, except those of the transport."""
    left_out = ('content-length', 'content-encoding', 'transfer-encoding')
    kept = {}
    for name, value in exchange['headers'].items():
        text = ', '.join(value) if isinstance(value, list) else str(value)
        if name.lower() not in left_out:
            kept[name] = text
    return kept


@pytest.fixture
def replay() -> Iterator[_Replay]:
    """A server that replays a recorded exchange."""
    with _Replay() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def _outcome(replay: _Replay, exchange: dict[str, Any]) -> str:
    """Replay the response to a new client; return how it is classified."""
    replay.exchange = exchange
    url = f'http://127.0.0.1:{replay.server_address[1]}'
    settings = replace(settings_for(url), max_wait_minutes=1440)
    with GitHubClient(settings, SimulatedClock()) as client:
        session = open_session(client, 'core', Cost())
        try:
            _send_request(session, exchange['method'], exchange['url'])
        except GitHubError as error:
            assert len(str(error).splitlines()) == 1
            return type(error).__name__
    return 'answered'


def _send_request(session: GitHubSession, method: str, url: str) -> None:
    if 'graphql' in url:
        session.query('query', {}, lambda answer: answer.data)
    else:
        session.get('thing', lambda answer: answer)


def _expected(exchange: dict[str, Any]) -> set[str]:
    """Return the allowed classes, from the status, headers and body."""
    status, body = exchange['status'], exchange['body']
    text = body if isinstance(body, str) else json.dumps(body)
    headers = {k.lower(): v for k, v in exchange['headers'].items()}
    if 'graphql' in exchange['url']:
        return {'answered', 'AnswerError', 'MalformedError'}
    if status == 200:
        # a body that is not a JSON object has the wrong media type
        return (
            {'answered'}
            if isinstance(body, dict)
            else {'MalformedError', 'UnreachableError'}
        )
    if status == 401:
        return {'TokenRefusedError'}
    if status in (404, 451):
        return {'answered'}
    if status == 409:
        return {'EmptyError'}
    if status in (403, 429):
        is_limit = (
            'retry-after' in headers
            or 'secondary' in text
            or 'abuse detection' in text
            or 'rate limit exceeded' in text.lower()
            or status == 429
            or headers.get('x-ratelimit-remaining') == '0'
        )
        return {'RateLimitedError'} if is_limit else {'AnswerError'}
    if status >= 500:
        return {'UnreachableError'}
    return {'AnswerError'}


@pytest.mark.parametrize('name', FILES)
def test_every_recorded_response_is_classified(
    replay: _Replay, name: str
) -> None:
    exchanges = _exchanges(name)
    assert exchanges
    found: dict[str, int] = {}
    for number, exchange in enumerate(exchanges):
        outcome = _outcome(replay, exchange)
        assert outcome in _expected(exchange), (number, exchange['path'])
        found[outcome] = found.get(outcome, 0) + 1
    print(f'{name}: {len(exchanges)} answers: {found}')
    assert sum(found.values()) == len(exchanges)
