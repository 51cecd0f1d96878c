"""A client of one GitHub, shared by all companies of a run.

It holds the connections, the tokens and the rate limiter that every request
passes.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Literal, TypeVar

import requests
import structlog

from github_warehouse.config import Settings
from github_warehouse.errors import TokenRefusedError
from github_warehouse.github.answers import check_status
from github_warehouse.github.clock import Clock
from github_warehouse.github.clock_offset import ClockOffset
from github_warehouse.github.limits import (
    LimitError,
    remaining,
    seconds_to_reset,
)
from github_warehouse.github.rate_limiter import RateLimiter
from github_warehouse.github.tokens import Token, TokenPool
from github_warehouse.github.transport import Transport
from github_warehouse.model import utc_now

T = TypeVar('T')
Item = TypeVar('Item')
Resource = Literal['core', 'graphql']

# The run log's columns are PostgreSQL's integer.
_LARGEST_COUNT = 2**31 - 1


@dataclass
class Cost:
    """HTTP requests, including retries, and GraphQL points."""

    requests: int = 0
    points: int = 0


class GitHubClient:
    """A client of one GitHub. Several threads may use it at once.

    Attributes:
        api_url: root URL of the REST API, without a trailing slash.
        clock: the time, and interruptible waiting.
        tokens: the tokens of the run.
        concurrency: maximum number of concurrent requests.
        cost: the cost of the whole run.
        is_answered: whether GitHub has answered any request.
        lacking: GraphQL fields that the server does not have.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock | None = None,
        started_at: datetime | None = None,
    ) -> None:
        """Create a client; it opens connections when they are needed.

        Args:
            settings: GitHub's URL, tokens and limits.
            clock: None for the computer's clock.
            started_at: start of the run, UTC, against which GitHub's clock is
                compared; None for now.
        """
        self.api_url = settings.api_url
        self.clock = clock or Clock()
        self.tokens = TokenPool(settings.tokens)
        self.concurrency = settings.concurrency
        self.cost = Cost()
        self.is_answered = False
        self.lacking: frozenset[str] = frozenset()
        self._lock = threading.Lock()
        self._transport = Transport(settings)
        self._clock_offset = ClockOffset(started_at or utc_now())
        self._rate_limiter = RateLimiter(
            settings.concurrency,
            settings.max_wait_minutes,
            self.clock,
            settings.run_max_minutes,
        )

    def __enter__(self) -> 'GitHubClient':
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.clock.stop()
        self._transport.close()

    @property
    def clock_offset(self) -> timedelta | None:
        """How far GitHub's clock is ahead of the run's; None if unknown."""
        return self._clock_offset.median()

    @property
    def out_of_time(self) -> str | None:
        """The message after RUN_MAX_MINUTES; None before."""
        return self._rate_limiter.out_of_time

    def budget_left(self, resource: Resource) -> int | None:
        """Return the budget left over all tokens; None if unknown."""
        budgets = [
            token.remaining[resource]
            for token in self.tokens.tokens
            if resource in token.remaining and token.refusal is None
        ]
        return min(sum(budgets), _LARGEST_COUNT) if budgets else None

    def map(
        self, function: Callable[[Item], T], items: Sequence[Item]
    ) -> Iterator[T]:
        """Call a function for each item, several at a time; keep the order.

        A caller that stops iterating does not wait for calls in progress.
        """
        pool = ThreadPoolExecutor(self.concurrency)
        # log lines of the threads get the context of this one
        contexts = [copy_context() for _ in items]
        try:
            yield from pool.map(
                lambda item, context: context.run(function, item),
                items,
                contexts,
            )
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def spend(self, cost: Cost, requests: int = 0, points: int = 0) -> None:
        """Add requests and points to a cost, and to that of the run."""
        with self._lock:
            for each in (cost, self.cost):
                each.requests += requests
                each.points = min(each.points + points, _LARGEST_COUNT)

    def note_lacking(self, fields: frozenset[str]) -> None:
        """Note fields of GraphQL that this GitHub lacks; log them once."""
        with self._lock:
            new = fields - self.lacking
            self.lacking |= new
        for field in sorted(new):
            structlog.get_logger().warning(
                'this GitHub is too old for a field: stored as null',
                field=field,
            )

    def send(
        self,
        token: Token,
        cost: Cost,
        method: str,
        url: str,
        read: Callable[[requests.Response], T],
        payload: object = None,
    ) -> T:
        """Send one request when the rate limiter allows it; parse the answer.

        Args:
            token: the token to send.
            cost: where the request is counted.
            method: GET for REST, POST for GraphQL.
            url: an absolute URL.
            read: parses an answer of usable status.
            payload: sent as JSON; None sends no body.

        Raises:
            TransientError: a retry may help.
            LimitError: so may a retry, which waits until the limit ends.
            GitHubError: a retry would not help.
        """
        resource: Resource = 'graphql' if method == 'POST' else 'core'
        with self._rate_limiter.slot(token, resource):
            self.spend(cost, requests=1)
            sent_at = self.clock.time()
            response = self._transport.send(
                token, method, url, payload, self._rate_limiter.seconds_left()
            )
        self.is_answered = True
        self._clock_offset.add(response)
        self._update_budget(response, token, resource, sent_at)
        return self._parse(response, read, token, resource, sent_at)

    def _parse(
        self,
        response: requests.Response,
        read: Callable[[requests.Response], T],
        token: Token,
        resource: Resource,
        sent_at: float,
    ) -> T:
        """Parse an answer; apply a rate limit or a refused token first."""
        try:
            check_status(response, is_query=resource == 'graphql')
            answer = read(response)
        except LimitError as limit:
            self._apply_limit(limit, token, resource, sent_at)
            raise
        except TokenRefusedError as error:
            raise self._refuse_token(token, error) from error
        self._rate_limiter.reset_backoff(sent_at)
        return answer

    def _update_budget(
        self,
        response: requests.Response,
        token: Token,
        resource: Resource,
        sent_at: float,
    ) -> None:
        """Store the budget that an answer reports, if it reports one."""
        left, seconds = remaining(response), seconds_to_reset(response)
        if left is not None and seconds is not None:
            with self._lock:
                token.update_budget(
                    resource, left, seconds, self.clock.time(), sent_at
                )

    def _apply_limit(
        self,
        limit: LimitError,
        token: Token,
        resource: Resource,
        sent_at: float,
    ) -> None:
        """Block the token's resource, or every request, until a limit ends."""
        if limit.is_primary and limit.seconds is not None:
            with self._lock:
                token.update_budget(
                    resource, 0, limit.seconds, self.clock.time(), sent_at
                )
        else:
            self._rate_limiter.block(limit.seconds, sent_at)

    def _refuse_token(
        self, token: Token, error: TokenRefusedError
    ) -> TokenRefusedError:
        """Mark a token as refused; return the error to raise."""
        token.refusal = (
            f'GitHub refused {token.name}, {error}: '
            'put a valid one in GITHUB_TOKEN'
        )
        structlog.get_logger().warning(
            'token rejected, not used again', reason=token.refusal
        )
        return TokenRefusedError(token.refusal)
