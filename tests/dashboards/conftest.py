"""Fixtures: a filled warehouse and a double of Metabase."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
import requests

from compose_stack import free_port
from github_warehouse.dashboards.settings import MetabaseSettings
from simulated import Runs, serve
from support import SHARED_DATA

DOUBLE = SHARED_DATA.parent / 'tools' / 'metabase_double.py'


@dataclass
class Double:
    """The double of Metabase's API in ../shared/tools.

    Attributes:
        settings: settings for publishing to it.
    """

    settings: MetabaseSettings

    def get(self, path: str) -> Any:
        """Request a path that only the double has."""
        return requests.get(self.settings.url + path, timeout=60).json()

    def post(self, path: str, body: object = None) -> Any:
        """Send a POST request as its administrator."""
        return self.send('POST', path, body)

    def send(self, method: str, path: str, body: object = None) -> Any:
        """Send a request as its administrator."""
        session = requests.post(
            f'{self.settings.url}/api/session',
            json={
                'username': self.settings.admin_email,
                'password': self.settings.admin_password,
            },
            timeout=60,
        ).json()['id']
        answer = requests.request(
            method,
            self.settings.url + path,
            json=body,
            headers={'X-Metabase-Session': session},
            timeout=60,
        )
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def writes(self, since: int = 0) -> list[str]:
        """Return the requests since a count, except GET requests."""
        return [
            f'{each["method"]} {each["path"]}'
            for each in self.get('/__double/log')[since:]
            if each['method'] != 'GET'
        ]

    def requests(self) -> int:
        """Return the number of requests."""
        return len(self.get('/__double/log'))


@pytest.fixture
def start_double() -> Iterator[Callable[..., Double]]:
    """A function that starts doubles."""
    if not DOUBLE.exists():
        pytest.skip('needs ../shared/tools: the stand-in for Metabase')
    started: list[subprocess.Popen[bytes]] = []

    def start(*options: str, boot_seconds: float = 0) -> Double:
        port = free_port()
        started.append(
            subprocess.Popen(
                [sys.executable, '-W', 'ignore', str(DOUBLE)]
                + ['--port', str(port), '--no-sample-content']
                + ['--boot-seconds', str(boot_seconds)]
                + ['--sync-seconds', '0.5', *options],
                stdout=subprocess.DEVNULL,
            )
        )
        url = f'http://127.0.0.1:{port}'
        double = Double(MetabaseSettings(url, 'admin@x.example', 's1-secret'))
        if '--listen-delay' not in options:
            _wait(lambda: requests.get(f'{url}/__double/state', timeout=5))
        return double

    try:
        yield start
    finally:
        for process in started:
            process.kill()
            process.wait()


@pytest.fixture
def runs(warehouse_url: str) -> Iterator[Runs]:
    """Three days of four companies, one with an unusual repository."""
    with serve(
        'acme:60,globex:30,initech:9,ada:3:user',
        warehouse_url,
        today=date(2026, 3, 1),
    ) as runs:
        repository = next(iter(runs.world.repositories.values()))
        repository.name = '<script>alert(1)</script>'
        repository.stars = 5_000_000
        for _ in range(3):
            runs.run()
            runs.world.advance(days=1)
            repository.stars += 1_000_000
        runs.run()
        yield runs


def _wait(attempt: Callable[[], object]) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            attempt()
            return
        except requests.ConnectionError:
            assert time.monotonic() < until
            time.sleep(0.05)
