"""When a request may be sent: not while GitHub wants to be left alone."""

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

# Where GitHub does not say for how long: a minute, then ever longer.
# https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#handle-rate-limit-errors-appropriately
_HOLD_SECONDS = 60
_SHORTEST_SECONDS = 1


class RateLimiter:
    """Lets a limited number of requests through, and none while it is shut.

    A secondary limit shuts it for every thread; a used-up hour shuts it for
    one token and one resource. After RUN_MAX_MINUTES it stays shut. Several
    threads may use it at once.

    Attributes:
        out_of_time: the message once RUN_MAX_MINUTES is over; None before.
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
        self._held_until = 0.0
        self._held_at = 0.0
        self._holds = 0
        self._told_until = 0.0

    @contextmanager
    def passage(self, token: Token, resource: str) -> Iterator[None]:
        """Wait until a request may be sent, and while it is under way.

        Raises:
            RateLimitedError: that is longer than a run waits.
            OutOfTimeError: the run's time is over before that.
            TokenRefusedError: the token was refused meanwhile.
        """
        while True:
            self._wait(token, resource)
            with self._slots:
                if self._seconds_shut(token, resource) <= 0:
                    yield
                    return

    def seconds_left(self) -> float:
        """Return the seconds that the run may still read, at least one."""
        return max(1.0, self._ends_at - self._clock.monotonic())

    def hold(self, seconds: float | None, sent_at: float) -> None:
        """Shut the gate for everybody: a secondary limit.

        Args:
            seconds: for how long; None where GitHub does not say.
            sent_at: when the refused request was sent. What was under way
                when the gate was shut says nothing new.
        """
        with self._lock:
            if sent_at > self._held_at:
                self._holds += 1
                self._held_at = self._clock.time()
            elif seconds is None:
                return
            if seconds is None:
                seconds = _HOLD_SECONDS * 2 ** (self._holds - 1)
                seconds *= random.uniform(1, 1.25)
            until = self._clock.time() + max(seconds, _SHORTEST_SECONDS)
            self._held_until = max(until, self._held_until)

    def passed(self, sent_at: float) -> None:
        """Note that GitHub answered: the next hold is a first one again."""
        with self._lock:
            if sent_at > self._held_at:
                self._holds = 0

    def _seconds_shut(self, token: Token, resource: str) -> float:
        if token.refusal is not None:
            raise TokenRefusedError(token.refusal)
        now = self._clock.time()
        return max(
            self._held_until - now, token.seconds_used_up(resource, now)
        )

    def _refuse_late(self, seconds: float) -> None:
        """Raise OutOfTimeError if the run's time is over after `seconds`."""
        if self._clock.monotonic() + seconds < self._ends_at:
            return
        self.out_of_time = (
            f'RUN_MAX_MINUTES is {self._run_max_minutes} and leaves no time '
            'to read more: what was not read is carried forward; run again'
        )
        raise OutOfTimeError(self.out_of_time)

    def _wait(self, token: Token, resource: str) -> None:
        self._refuse_late(0)
        while (seconds := self._seconds_shut(token, resource)) > 0:
            until = self._clock.time() + seconds
            at = datetime.fromtimestamp(until, UTC).strftime('%H:%M:%S UTC')
            # the margin behind GitHub's reset is ours, and not counted
            if seconds > self._max_wait_minutes * 60 + _SHORTEST_SECONDS:
                raise RateLimitedError(
                    f'GitHub\'s limit for {token.name} ends at {at}, in '
                    f'{seconds / 60:,.0f} minutes, and MAX_WAIT_MINUTES is '
                    f'{self._max_wait_minutes}: what was not read is carried '
                    'forward; run again after that'
                )
            self._refuse_late(seconds)
            self._tell(until, at, token)
            self._clock.sleep(seconds)

    def _tell(self, until: float, at: str, token: Token) -> None:
        """Say once for how long everybody, or one token, holds still."""
        with self._lock:
            if until - self._told_until < 1:
                return
            self._told_until = until
        structlog.get_logger().warning(
            'waiting for GitHub\'s limit to end',
            until=at,
            seconds=round(until - self._clock.time()),
            limited=token.name,
        )
