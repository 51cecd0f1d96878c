"""Requests to GitHub with one token, and what they cost.

A request is retried where that may help. The token is sent only to the
configured host: redirects to other hosts are not followed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

import requests
import structlog
import tenacity

from github_warehouse.errors import (
    AnswerError,
    MalformedError,
    QueryRefusedError,
    RateLimitedError,
    UnreachableError,
)
from github_warehouse.github import parse
from github_warehouse.github.answers import (
    GONE,
    QueryAnswer,
    TransientError,
    read_answer,
    read_json,
    shows_a_part,
)
from github_warehouse.github.client import Cost, GitHubClient, Resource
from github_warehouse.github.limits import LimitError
from github_warehouse.github.tokens import Token

T = TypeVar('T')

_MAX_ATTEMPTS = 5
_MAX_REDIRECTS = 5
_BACKOFF = tenacity.wait_exponential(multiplier=2) + tenacity.wait_random()


@dataclass(frozen=True)
class ListPage:
    """One page of a REST list.

    Attributes:
        items: JSON objects, not validated.
        url: its URL.
        next_url: URL of the next page, from GitHub's Link header; None on the
            last page.
        last_url: URL of the last page; None if the header has none.
        is_partial: whether single sign-on hides a part of it.
    """

    items: list[dict[str, Any]]
    url: str
    next_url: str | None
    last_url: str | None
    is_partial: bool


class GitHubSession:
    """Sends requests with one token and counts them; thread-safe.

    Attributes:
        client: the client that all sessions of a run share.
        token: the token that every request is sent with.
        cost: the cost that requests and points are added to.
    """

    def __init__(
        self,
        client: GitHubClient,
        token: Token,
        resource: Resource,
        cost: Cost,
    ) -> None:
        self.client = client
        self.token = token
        self.cost = cost
        self._resource = resource

    @property
    def budget_left(self) -> int | None:
        """Return requests or points left of the token's budget, if known."""
        return self.token.remaining.get(self._resource)

    def get(
        self, path: str, parse_object: Callable[[dict[str, Any]], T]
    ) -> T | None:
        """Read a REST resource; return None if GitHub does not show it.

        Args:
            path: path below the root of the API.
            parse_object: parses the JSON object.

        Raises:
            GitHubError: there is no usable answer.
        """

        def read() -> T | None:
            response = self._follow(urljoin(f'{self.client.api_url}/', path))
            if response.status_code in GONE:
                return None
            with parse.malformed_on_error(path):
                return parse_object(parse.record(read_json(response), path))

        return self._retry(read)

    def get_page(self, path: str) -> ListPage | None:
        """Read a page of a REST list; return None if GitHub does not show it.

        Args:
            path: path below the root of the API, or a URL.

        Raises:
            GitHubError: there is no usable answer.
        """
        url = self._join(f'{self.client.api_url}/', path)

        def read() -> ListPage | None:
            response = self._follow(url)
            if response.status_code in GONE:
                return None
            with parse.malformed_on_error('a page of a list'):
                links = response.links
                return ListPage(
                    [parse.record(i, path) for i in _list(response, path)],
                    url,
                    links.get('next', {}).get('url'),
                    links.get('last', {}).get('url'),
                    shows_a_part(response),
                )

        return self._retry(read)

    def query(
        self,
        document: str,
        variables: dict[str, object],
        parse_answer: Callable[[QueryAnswer], T],
    ) -> T:
        """Send a GraphQL query.

        Args:
            document: the query.
            variables: its variables.
            parse_answer: parses the answer.

        Raises:
            QueryTooLargeError: GitHub ran out of time or resources.
            QueryRefusedError: GraphQL is not available for this query.
            GitHubError: there is no usable answer.
        """
        payload = {'query': document, 'variables': variables}
        url = graphql_url(self.client.api_url)

        def read(response: requests.Response) -> T:
            if response.status_code in GONE or response.is_redirect:
                raise QueryRefusedError(
                    f'GraphQL is not at {url}: check GITHUB_API_URL'
                )
            with parse.malformed_on_error('an answer to a query'):
                answer = read_answer(response)
                limit = answer.data.get('rateLimit') or {}
                points = parse.count(limit.get('cost') or 0, 'the cost')
                self.client.spend(self.cost, points=points)
                return parse_answer(answer)

        return self._retry(lambda: self._send('POST', url, read, payload))

    def pause(self, seconds: float) -> None:
        """Wait for a number of seconds.

        Raises:
            StoppedError: the run is over.
        """
        self.client.clock.sleep(seconds)

    def _retry(self, send: Callable[[], T]) -> T:
        """Send a request, and up to four times more if that may help."""
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(_MAX_ATTEMPTS),
            wait=_wait,
            retry=tenacity.retry_if_exception_type(
                (TransientError, MalformedError, LimitError)
            ),
            before_sleep=_log_retry,
            sleep=self.client.clock.sleep,
            reraise=True,
        )
        host = urlsplit(self.client.api_url).netloc
        try:
            return retrying(send)
        except TransientError as error:
            raise UnreachableError(
                f'{host} gave no usable answer in {_MAX_ATTEMPTS} attempts: '
                f'{error}; check GITHUB_API_URL and the network, or run again '
                'later'
            ) from error
        except LimitError as error:
            raise RateLimitedError(
                f'{host} refused a request {_MAX_ATTEMPTS} times because of '
                f'a rate limit, in spite of waiting: {error}; run again later'
            ) from error

    def _follow(self, url: str) -> requests.Response:
        for _ in range(_MAX_REDIRECTS):
            response = self._send('GET', url, _unchanged)
            if not response.is_redirect:
                return response
            url = self._join(url, response.headers['Location'])
        raise AnswerError(f'GitHub redirects in a loop at {url}')

    def _join(self, base: str, address: str) -> str:
        """Resolve a URL against another.

        Raises:
            AnswerError: it is on another host, which must not get the token.
        """
        try:
            url = urljoin(base, address)
            is_same_host = origin(url) == origin(self.client.api_url)
        except ValueError as error:
            raise AnswerError(
                f'GitHub sent an invalid URL: {error}'
            ) from error
        if not is_same_host:
            target = urlsplit(url)
            raise AnswerError(
                'GitHub redirects to another host, '
                f'{target.scheme}://{target.netloc}: not followed'
            )
        return url

    def _send(
        self,
        method: str,
        url: str,
        read: Callable[[requests.Response], T],
        payload: object = None,
    ) -> T:
        return self.client.send(
            self.token, self.cost, method, url, read, payload
        )


def graphql_url(api_url: str) -> str:
    """Return the URL of GraphQL, given the root of REST.

    Enterprise Server has REST at /api/v3 and GraphQL at /api/graphql:
    https://docs.github.com/en/graphql/guides/forming-calls-with-graphql
    """
    if api_url.endswith('/api/v3'):
        return api_url.removesuffix('/v3') + '/graphql'
    return f'{api_url}/graphql'


def origin(url: str) -> tuple[str, str, str | None, int | None]:
    """Return scheme, user, host and port, normalized for comparison.

    https://www.rfc-editor.org/rfc/rfc9110#section-4.2.3
    """
    parts = urlsplit(url)
    user, _, _ = parts.netloc.rpartition('@')
    default = {'http': 80, 'https': 443}.get(parts.scheme)
    return parts.scheme, user, parts.hostname, parts.port or default


def _unchanged(response: requests.Response) -> requests.Response:
    return response


def _list(response: requests.Response, path: str) -> list[object]:
    items = read_json(response)
    if not isinstance(items, list):
        raise MalformedError(
            f'GitHub gave {type(items).__name__} for the list {path}'
        )
    return items


def _wait(state: tenacity.RetryCallState) -> float:
    """Return seconds to wait; the rate limiter waits for rate limits."""
    error = state.outcome.exception() if state.outcome else None
    return 0 if isinstance(error, LimitError) else _BACKOFF(state)


def _log_retry(state: tenacity.RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    wait = state.next_action.sleep if state.next_action else 0
    log = structlog.get_logger().bind(
        reason=str(error), attempt=state.attempt_number
    )
    if isinstance(error, LimitError):
        log.warning('GitHub set a rate limit')
    else:
        log.warning('trying again', wait_seconds=round(wait, 1))
