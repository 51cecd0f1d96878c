"""Hold back requests while one of GitHub's rate limits lasts."""

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import structlog

from github_warehouse.errors import (
    OutOfTimeError,
    RateLimitedError,
    TokenRefusedError,
)
from github_warehouse.github.clock import Clock
from github_warehouse.github.tokens import Token

# When GitHub does not say how long to wait: a minute, doubled each time.
# https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#handle-rate-limit-errors-appropriately
_FIRST_BLOCK_SECONDS = 60
_SHORTEST_BLOCK_SECONDS = 1


class RateLimiter:
    """Limits concurrent requests, and blocks them while a rate limit lasts.

    A secondary limit blocks every request. A used-up hourly budget blocks one
    token and one resource. After RUN_MAX_MINUTES every request is refused.
    Several threads may use it at once.

    Attributes:
        out_of_time: the message after RUN_MAX_MINUTES; None before.
    """

    def __init__(
        self,
        concurrency: int,
        max_wait_minutes: int,
        clock: Clock,
        run_max_minutes: int,
    ) -> None:
        self.out_of_time: str | None = None
        self._slots = threading.BoundedSemaphore(concurrency)
        self._max_wait_minutes = max_wait_minutes
        self._run_max_minutes = run_max_minutes
        self._ends_at = clock.monotonic() + run_max_minutes * 60
        self._clock = clock
        self._lock = threading.Lock()
        self._blocked_until = 0.0
        self._blocked_at = 0.0
        self._blocks_in_a_row = 0
        self._logged_until = 0.0

    @contextmanager
    def slot(self, token: Token, resource: str) -> Iterator[None]:
        """Wait until a request may be sent; send it inside the block.

        Raises:
            RateLimitedError: a limit lasts longer than MAX_WAIT_MINUTES.
            OutOfTimeError: RUN_MAX_MINUTES ends before the limit.
            TokenRefusedError: GitHub has refused the token.
        """
        while True:
            self._wait(token, resource)
            with self._slots:
                if self._seconds_blocked(token, resource) <= 0:
                    yield
                    return

    def seconds_left(self) -> float:
        """Return the seconds that the run may still read, at least one."""
        return max(1.0, self._ends_at - self._clock.monotonic())

    def block(self, seconds: float | None, sent_at: float) -> None:
        """Block every request because of a secondary limit.

        Args:
            seconds: until the limit ends; None when GitHub does not say.
            sent_at: when the refused request was sent, in seconds since 1970.
                Requests sent before the block began do not lengthen the next
                wait.
        """
        with self._lock:
            if sent_at > self._blocked_at:
                self._blocks_in_a_row += 1
                self._blocked_at = self._clock.time()
            elif seconds is None:
                return
            if seconds is None:
                seconds = _FIRST_BLOCK_SECONDS * 2 ** (
                    self._blocks_in_a_row - 1
                )
                seconds *= random.uniform(1, 1.25)
            until = self._clock.time() + max(seconds, _SHORTEST_BLOCK_SECONDS)
            self._blocked_until = max(until, self._blocked_until)

    def reset_backoff(self, sent_at: float) -> None:
        """Reset the waiting time after an answered request.

        Args:
            sent_at: when it was sent, in seconds since 1970.
        """
        with self._lock:
            if sent_at > self._blocked_at:
                self._blocks_in_a_row = 0

    def _seconds_blocked(self, token: Token, resource: str) -> float:
        if token.refusal is not None:
            raise TokenRefusedError(token.refusal)
        now = self._clock.time()
        return max(
            self._blocked_until - now, token.seconds_used_up(resource, now)
        )

    def _check_time_left(self, seconds: float) -> None:
        """Raise OutOfTimeError if the run's time is over after `seconds`."""
        if self._clock.monotonic() + seconds < self._ends_at:
            return
        self.out_of_time = (
            f'RUN_MAX_MINUTES is {self._run_max_minutes} and leaves no time '
            'to read more: the rest is carried forward; run again'
        )
        raise OutOfTimeError(self.out_of_time)

    def _wait(self, token: Token, resource: str) -> None:
        self._check_time_left(0)
        while (seconds := self._seconds_blocked(token, resource)) > 0:
            until = self._clock.time() + seconds
            at = datetime.fromtimestamp(until, UTC).strftime('%H:%M:%S UTC')
            # the margin added to GitHub's reset does not count
            if seconds > self._max_wait_minutes * 60 + _SHORTEST_BLOCK_SECONDS:
                raise RateLimitedError(
                    f'GitHub\'s limit for {token.name} ends at {at}, in '
                    f'{seconds / 60:,.0f} minutes, and MAX_WAIT_MINUTES is '
                    f'{self._max_wait_minutes}: the rest is carried forward; '
                    'run again after that'
                )
            self._check_time_left(seconds)
            self._log_wait(until, at, token)
            self._clock.sleep(seconds)

    def _log_wait(self, until: float, at: str, token: Token) -> None:
        """Log a wait once, though many threads wait together."""
        with self._lock:
            if until - self._logged_until < 1:
                return
            self._logged_until = until
        structlog.get_logger().warning(
            'waiting for GitHub\'s limit to end',
            until=at,
            seconds=round(until - self._clock.time()),
            limited=token.name,
        )
