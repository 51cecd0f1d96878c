"""HTTP to one GitHub, for all companies of a run together.

Here are the connections, the tokens, and the gate that no request passes
while GitHub wants to be left alone.
"""

import threading
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Literal, TypeVar
from urllib.parse import urlsplit

import requests
import structlog
import urllib3
from requests.auth import AuthBase

from github_warehouse import __version__
from github_warehouse.config import Settings
from github_warehouse.environment import is_loopback
from github_warehouse.errors import AnswerError, TokenRefusedError
from github_warehouse.github.answers import (
    TransientError,
    cause,
    check_status,
)
from github_warehouse.github.clock import Clock
from github_warehouse.github.deadline import (
    Deadline,
    WatchedAdapter,
    WatchedSession,
    read_body,
)
from github_warehouse.github.limits import (
    LimitError,
    http_date,
    remaining,
    seconds_to_reset,
)
from github_warehouse.github.rate_limiter import RateLimiter
from github_warehouse.github.tokens import Token, TokenPool
from github_warehouse.model import utc_now

T = TypeVar('T')
Item = TypeVar('Item')
Resource = Literal['core', 'graphql']

_TIMEOUTS_SECONDS = (10, 60)
# For one try in total; GitHub itself gives up after ten seconds.
_DEADLINE_SECONDS = 120.0
# The run log's columns are PostgreSQL's integer.
_LARGEST_COUNT = 2**31 - 1


@dataclass
class Cost:
    """What reading costs: HTTP requests, tries included; GraphQL points."""

    requests: int = 0
    points: int = 0


class _Authorization(AuthBase):
    """Sends a token; and keeps requests from looking into ~/.netrc."""

    def __init__(self, token: Token) -> None:
        self._token = token

    def __call__(
        self, request: requests.PreparedRequest
    ) -> requests.PreparedRequest:
        if self._token.value is not None:
            request.headers['Authorization'] = f'Bearer {self._token.value}'
        return request


class GitHubClient:
    """A client of one GitHub. Several threads may use it at once.

    GitHub's clock is compared with `started_at`, UTC, and the time since; the
    default is this machine's clock.

    Attributes:
        api_url: root of the REST API.
        clock: tells the time, and waits.
        tokens: what the requests are sent with.
        concurrency: requests at a time, at most.
        cost: what all of it costs.
        is_answered: whether GitHub has sent any answer yet.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock | None = None,
        started_at: datetime | None = None,
    ) -> None:
        self.api_url = settings.api_url
        self.clock = clock or Clock()
        self.tokens = TokenPool(settings.tokens)
        self.concurrency = settings.concurrency
        self.cost = Cost()
        self.is_answered = False
        self._clock_errors = array('d')
        # monotonic, so that setting the clock during a run changes nothing
        self._started_at = started_at or utc_now()
        self._started = _seconds()
        self._lock = threading.Lock()
        self._rate_limiter = RateLimiter(
            settings.concurrency,
            settings.max_wait_minutes,
            self.clock,
            settings.run_max_minutes,
        )
        self._http = WatchedSession()
        # no proxy stands between this machine and itself
        self._proxies = (
            {'no_proxy': settings.api_host}
            if is_loopback(settings.api_host)
            else {}
        )
        for scheme in ('http://', 'https://'):
            self._http.mount(
                scheme, WatchedAdapter(pool_maxsize=settings.concurrency)
            )
        self._http.headers.update(
            {
                'Accept': 'application/vnd.github+json',
                'User-Agent': f'github-warehouse/{__version__}',
                'X-GitHub-Api-Version': '2022-11-28',
            }
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
        self._http.close()

    def budget_left(self, resource: Resource) -> int | None:
        """Tell what the tokens have left; None when GitHub says nothing."""
        told = [
            token.remaining[resource]
            for token in self.tokens.tokens
            if resource in token.remaining and token.refusal is None
        ]
        return min(sum(told), _LARGEST_COUNT) if told else None

    @property
    def out_of_time(self) -> str | None:
        """Return the message once RUN_MAX_MINUTES is over; None before."""
        return self._rate_limiter.out_of_time

    def map(
        self, function: Callable[[Item], T], items: Sequence[Item]
    ) -> Iterator[T]:
        """Call a function for each item, several at a time; in order.

        Whoever stops listening does not wait for what is under way.
        """
        pool = ThreadPoolExecutor(self.concurrency)
        # what the log lines of this run begin with, goes with them
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
        """Count what something costs, for itself and for all of it."""
        with self._lock:
            for each in (cost, self.cost):
                each.requests += requests
                each.points = min(each.points + points, _LARGEST_COUNT)

    def send(
        self,
        token: Token,
        cost: Cost,
        method: str,
        url: str,
        read: Callable[[requests.Response], T],
        payload: object = None,
    ) -> T:
        """Send one request, as soon as the gate is open, and read the answer.

        Args:
            token: to send it with.
            cost: where it is counted.
            method: GET for REST, POST for GraphQL.
            url: absolute.
            read: gets what a usable answer says out of it.
            payload: sent as JSON.

        Raises:
            TransientError: another try may mend it.
            LimitError: so may another try; the gate is shut until then.
            GitHubError: another try would not change it.
        """
        resource: Resource = 'graphql' if method == 'POST' else 'core'
        with self._rate_limiter.passage(token, resource):
            self.spend(cost, requests=1)
            sent_at = self.clock.time()
            response = self._request(token, method, url, payload)
        self._note_budget(response, token, resource, sent_at)
        self._note_date(response)
        try:
            check_status(response, is_query=method == 'POST')
            answer = read(response)
        except LimitError as limit:
            self._shut(limit, token, resource, sent_at)
            raise
        except TokenRefusedError as error:
            raise self._set_aside(token, error) from error
        self._rate_limiter.passed(sent_at)
        return answer

    def _shut(
        self,
        limit: LimitError,
        token: Token,
        resource: Resource,
        sent_at: float,
    ) -> None:
        if limit.is_primary and limit.seconds is not None:
            with self._lock:
                token.note(
                    resource, 0, limit.seconds, self.clock.time(), sent_at
                )
        else:
            self._rate_limiter.hold(limit.seconds, sent_at)

    def _set_aside(
        self, token: Token, error: TokenRefusedError
    ) -> TokenRefusedError:
        token.refusal = (
            f'GitHub refused {token.name}, {error}: '
            'put a valid one in GITHUB_TOKEN'
        )
        structlog.get_logger().warning(
            'a token is set aside', reason=token.refusal
        )
        return TokenRefusedError(token.refusal)

    def _note_budget(
        self,
        response: requests.Response,
        token: Token,
        resource: Resource,
        sent_at: float,
    ) -> None:
        """Note what GitHub says is left; a server without limits is mute."""
        left, seconds = remaining(response), seconds_to_reset(response)
        if left is not None and seconds is not None:
            with self._lock:
                token.note(resource, left, seconds, self.clock.time(), sent_at)

    @property
    def clock_error(self) -> timedelta | None:
        """How far GitHub's clock is ahead of the run's; None: not known.

        The median of all answers, so that a few odd ones change nothing.
        """
        if not self._clock_errors:
            return None
        # of two, the one that agrees with ours
        ordered = sorted(self._clock_errors)
        middle = ordered[(len(ordered) - 1) // 2 : len(ordered) // 2 + 1]
        return timedelta(seconds=min(middle, key=abs))

    def _note_date(self, response: requests.Response) -> None:
        """Compare GitHub's clock with ours; a proxy's errors do not count."""
        said = http_date(response.headers.get('date', ''))
        elapsed = timedelta(seconds=_seconds() - self._started)
        with self._lock:
            self.is_answered = True
            if said is not None and response.status_code < 500:
                error = said - (self._started_at + elapsed)
                self._clock_errors.append(error.total_seconds())

    def _request(
        self, token: Token, method: str, url: str, payload: object
    ) -> requests.Response:
        seconds = min(_DEADLINE_SECONDS, self._rate_limiter.seconds_left())
        with Deadline(seconds) as deadline:
            try:
                response = self._exchange(token, method, url, payload)
            except (AnswerError, TransientError):
                if not deadline.is_over:
                    raise
        if deadline.is_over:
            raise TransientError(f'no whole answer in {seconds:.0f} seconds')
        return response

    def _exchange(
        self, token: Token, method: str, url: str, payload: object
    ) -> requests.Response:
        try:
            response = self._http.request(
                method,
                url,
                json=payload,
                auth=_Authorization(token),
                proxies=self._proxies,
                timeout=_TIMEOUTS_SECONDS,
                allow_redirects=False,
                stream=True,
            )
            read_body(response)
            return response
        except requests.exceptions.SSLError as error:
            raise AnswerError(
                f'{urlsplit(url).netloc} cannot be trusted: {cause(error)}; '
                'check GITHUB_API_URL, and REQUESTS_CA_BUNDLE where the '
                'certificates are your own'
            ) from error
        except ValueError as error:
            # a page or a redirect with an invalid address
            raise AnswerError(
                f'GitHub sent an answer that cannot be followed: {error}'
            ) from error
        except (
            requests.RequestException,
            urllib3.exceptions.HTTPError,
        ) as error:
            raise TransientError(cause(error)) from error


def _seconds() -> float:
    """Return seconds that pass also while the machine sleeps."""
    if hasattr(time, 'CLOCK_BOOTTIME'):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()
