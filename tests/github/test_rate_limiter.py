"""Limits on concurrency and request times, on the real clock."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import pytest

from github.conftest import settings_for
from github_simulator import Simulator, World, faults, parse_accounts
from github_simulator.faults import Fault
from github_simulator.http_messages import Request, Response
from github_warehouse.errors import GitHubError
from github_warehouse.github.accounts import read_account
from github_warehouse.github.budgets import open_session
from github_warehouse.github.client import Cost, GitHubClient
from github_warehouse.github.clock import Clock, StoppedError
from github_warehouse.github.rate_limiter import RateLimiter
from github_warehouse.github.tokens import Token
from support import SimulatedClock

# Time in which a refusal and concurrent requests are in transit.
_IN_TRANSIT_SECONDS = 0.4


class WatchedSimulator(Simulator):
    """A simulated GitHub that records the times of requests and refusals."""

    def __init__(self, latency_seconds: float) -> None:
        world = World.generate(
            parse_accounts('acme:5'), today=date(2026, 3, 1)
        )
        super().__init__(world, latency_seconds=latency_seconds)
        self.arrivals: list[float] = []
        self.refusals: list[float] = []
        self.max_concurrent = 0
        self._concurrent = 0
        self._lock = threading.Lock()

    def _respond(self, request: Request) -> tuple[Response, Fault | None]:
        with self._lock:
            self.arrivals.append(time.monotonic())
            self._concurrent += 1
            self.max_concurrent = max(self.max_concurrent, self._concurrent)
        response, fault = super()._respond(request)
        with self._lock:
            self._concurrent -= 1
            if response.status in (403, 429):
                self.refusals.append(time.monotonic())
        return response, fault

    def sent_while_blocked(self, seconds: float) -> list[float]:
        """Return arrival times of requests that should have waited."""
        first = self.refusals[0]
        return [
            round(at - first, 3)
            for at in self.arrivals
            if first + _IN_TRANSIT_SECONDS < at < first + seconds
        ]


@contextmanager
def _watched(
    concurrency: int, latency_seconds: float = 0.02
) -> Iterator[tuple[WatchedSimulator, GitHubClient]]:
    simulator = WatchedSimulator(latency_seconds)
    with simulator:
        settings = replace(
            settings_for(simulator.url), concurrency=concurrency
        )
        with GitHubClient(settings) as client:
            yield simulator, client


def _read(client: GitHubClient, times: int) -> list[object]:
    session = open_session(client, 'core', Cost())
    with ThreadPoolExecutor(30) as pool:
        return list(
            pool.map(lambda _: read_account(session, 'acme'), range(times))
        )


@pytest.mark.parametrize('concurrency', [1, 3, 8])
def test_concurrent_requests_never_exceed_the_setting(
    concurrency: int,
) -> None:
    with _watched(concurrency) as (simulator, client):
        assert len(_read(client, 60)) == 60
        assert simulator.max_concurrent == concurrency


def test_no_request_is_sent_during_a_secondary_limit() -> None:
    with _watched(8) as (simulator, client):
        simulator.faults.add(faults.secondary_limit(2, first=20, last=24))
        assert None not in _read(client, 100)
        assert simulator.sent_while_blocked(2) == []
        assert len(simulator.arrivals) == 105


def test_no_request_is_sent_while_the_hour_is_used_up() -> None:
    with _watched(8) as (simulator, client):
        simulator.faults.add(faults.primary_limit(2, first=20, last=24))
        assert None not in _read(client, 100)
        assert simulator.sent_while_blocked(1) == []


def test_concurrent_requests_wait_once_for_one_limit() -> None:
    """It waits one minute, although eight concurrent requests were refused."""
    clock = SimulatedClock()
    rate_limiter, token = RateLimiter(8, 15, clock, 360), Token(
        'any', 'the token'
    )
    sent_at = clock.time()
    clock.advance(1)
    for _ in range(8):
        rate_limiter.block(None, sent_at)
    with rate_limiter.slot(token, 'core'):
        assert 60 <= sum(clock.waits) <= 75


def test_a_repeated_limit_is_waited_for_longer() -> None:
    clock = SimulatedClock()
    rate_limiter, token = RateLimiter(8, 15, clock, 360), Token(
        'any', 'the token'
    )
    for _ in range(3):
        with rate_limiter.slot(token, 'core'):
            clock.advance(1)
            sent_at = clock.time()
        rate_limiter.block(None, sent_at)
    with rate_limiter.slot(token, 'core'):
        first, second, third = clock.waits
    assert 60 <= first <= 75
    assert 120 <= second <= 150
    assert 240 <= third <= 300


def test_waiting_requests_wake_when_the_run_ends() -> None:
    with _watched(2) as (simulator, client):
        simulator.faults.add(faults.secondary_limit(600))
        session = open_session(client, 'core', Cost())
        threading.Timer(0.5, client.clock.stop).start()
        began = time.monotonic()
        with pytest.raises((StoppedError, GitHubError)):
            read_account(session, 'acme')
        assert time.monotonic() - began < 5
        assert len(simulator.arrivals) == 1


def test_a_stopped_clock_ends_every_wait() -> None:
    clock = Clock()
    clock.sleep(0)
    clock.stop()
    with pytest.raises(StoppedError):
        clock.sleep(60)
    with pytest.raises(StoppedError):
        clock.time()
