"""Fixtures: a small world, served over real HTTP."""

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from github_simulator import Simulator, World, parse_accounts
from support import NEEDS_SHARED_DATA, SHARED_DATA

TODAY = datetime.date(2026, 1, 1)
TOKEN = 'simulated-token'


class Client(requests.Session):
    """A session with the base URL of the simulator."""

    def __init__(self, url: str, token: str | None = TOKEN) -> None:
        super().__init__()
        self.url = url
        self.trust_env = False
        self.headers['User-Agent'] = 'tests'
        if token is not None:
            self.headers['Authorization'] = f'Bearer {token}'

    def read(self, path: str, **headers: str) -> requests.Response:
        """Get a path without following redirects."""
        return self.get(
            self.url + path, headers=headers, allow_redirects=False, timeout=10
        )

    def query(self, text: str, **variables: Any) -> Any:
        """Run a GraphQL query and return the parsed body."""
        return self.post(
            self.url + '/graphql',
            json={'query': text, 'variables': variables},
            timeout=10,
        ).json()


@pytest.fixture(scope='session')
def data() -> Path:
    """The folder of recorded responses and official schemas."""
    if not SHARED_DATA.is_dir():
        pytest.skip(NEEDS_SHARED_DATA)
    return SHARED_DATA


@pytest.fixture
def world() -> World:
    """An organization of 250 public repositories and a user of 11."""
    return World.generate(
        parse_accounts('google:250,torvalds:11:user'), seed=1, today=TODAY
    )


@pytest.fixture
def simulator(world: World) -> Iterator[Simulator]:
    """A simulator that serves the world."""
    with Simulator(world) as simulator:
        yield simulator


@pytest.fixture
def client(simulator: Simulator) -> Iterator[Client]:
    """A client with a token."""
    with Client(simulator.url) as client:
        yield client


@pytest.fixture
def anonymous(simulator: Simulator) -> Iterator[Client]:
    """A client without a token."""
    with Client(simulator.url, token=None) as client:
        yield client
