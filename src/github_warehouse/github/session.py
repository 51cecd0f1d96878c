"""A session with GitHub under one token: what one company costs.

Every request is tried again where that may help. The token goes to the
configured host alone: redirects are followed on the same host only.
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

_TRIES = 5
_REDIRECTS = 5
_BACKOFF = tenacity.wait_exponential(multiplier=2) + tenacity.wait_random()


@dataclass(frozen=True)
class ListPage:
    """A page of a REST list.

    Attributes:
        items: JSON objects, not looked at yet.
        url: where it is.
        next_url: where the list goes on, in GitHub's own words.
        last_url: where the list ends, where GitHub says so.
        is_partial: GitHub keeps a part of it from this token.
    """

    items: list[dict[str, Any]]
    url: str
    next_url: str | None
    last_url: str | None
    is_partial: bool


class GitHubSession:
    """Requests under one token, counted. Several threads may use it.

    Attributes:
        client: what it shares with the other sessions.
        token: what its requests are sent with, from first to last.
        cost: where what it costs is counted.
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
        """What its token has left; None when GitHub says nothing."""
        return self.token.remaining.get(self._resource)

    def get(
        self, path: str, understand: Callable[[dict[str, Any]], T]
    ) -> T | None:
        """Read a REST resource; None where GitHub shows none.

        Args:
            path: below the API's root.
            understand: gets what is wanted out of the JSON object.

        Raises:
            GitHubError: there is no usable answer.
        """

        def read() -> T | None:
            response = self._follow(urljoin(f'{self.client.api_url}/', path))
            if response.status_code in GONE:
                return None
            with parse.malformed_on_error(path):
                return understand(parse.record(read_json(response), path))

        return self._try(read)

    def get_page(self, path: str) -> ListPage | None:
        """Read a page of a REST list; None where GitHub shows none.

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

        return self._try(read)

    def query(
        self,
        document: str,
        variables: dict[str, object],
        understand: Callable[[QueryAnswer], T],
    ) -> T:
        """Ask a GraphQL query.

        Args:
            document: the query.
            variables: what it is asked with.
            understand: gets what is wanted out of the answer.

        Raises:
            QueryTooLargeError: GitHub ran out of time or resources.
            QueryRefusedError: this GitHub has no such GraphQL.
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
                return understand(answer)

        return self._try(lambda: self._send('POST', url, read, payload))

    def pause(self, seconds: float) -> None:
        """Hold still for a while."""
        self.client.clock.sleep(seconds)

    def _try(self, send: Callable[[], T]) -> T:
        """Try up to five times; a limit is waited for at the gate."""
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(_TRIES),
            wait=_wait,
            retry=tenacity.retry_if_exception_type(
                (TransientError, MalformedError, LimitError)
            ),
            before_sleep=_tell_retry,
            sleep=self.client.clock.sleep,
            reraise=True,
        )
        host = urlsplit(self.client.api_url).netloc
        try:
            return retrying(send)
        except TransientError as error:
            raise UnreachableError(
                f'{host} gave no usable answer in {_TRIES} tries: {error}; '
                'check GITHUB_API_URL and the network, or try again later'
            ) from error
        except LimitError as error:
            raise RateLimitedError(
                f'{host} refused a request {_TRIES} times for a limit, '
                f'however long it was waited for: {error}; run again later'
            ) from error

    def _follow(self, url: str) -> requests.Response:
        for _ in range(_REDIRECTS):
            response = self._send('GET', url, _as_it_is)
            if not response.is_redirect:
                return response
            url = self._join(url, response.headers['Location'])
        raise AnswerError(f'GitHub redirects in circles at {url}')

    def _join(self, base: str, address: str) -> str:
        """Resolve an address; refuse another host: it must not get a token."""
        try:
            url = urljoin(base, address)
            is_ours = origin(url) == origin(self.client.api_url)
        except ValueError as error:
            raise AnswerError(
                f'GitHub sent an address that cannot be followed: {error}'
            ) from error
        if not is_ours:
            asked = urlsplit(url)
            raise AnswerError(
                'GitHub redirects to another host, '
                f'{asked.scheme}://{asked.netloc}: not followed'
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
    """Return where GraphQL is, given where REST is.

    Enterprise Server has the one below /api/v3 and the other beside it:
    https://docs.github.com/en/graphql/guides/forming-calls-with-graphql
    """
    if api_url.endswith('/api/v3'):
        return api_url.removesuffix('/v3') + '/graphql'
    return f'{api_url}/graphql'


def origin(url: str) -> tuple[str, str, str | None, int | None]:
    """Return scheme, user, host and port, in a form that can be compared.

    https://www.rfc-editor.org/rfc/rfc9110#section-4.2.3
    """
    parts = urlsplit(url)
    user, _, _ = parts.netloc.rpartition('@')
    default = {'http': 80, 'https': 443}.get(parts.scheme)
    return parts.scheme, user, parts.hostname, parts.port or default


def _as_it_is(response: requests.Response) -> requests.Response:
    return response


def _list(response: requests.Response, path: str) -> list[object]:
    items = read_json(response)
    if not isinstance(items, list):
        raise MalformedError(
            f'GitHub gave {type(items).__name__} for the list {path}'
        )
    return items


def _wait(state: tenacity.RetryCallState) -> float:
    """Back off; but a limit is waited for at the gate."""
    error = state.outcome.exception() if state.outcome else None
    return 0 if isinstance(error, LimitError) else _BACKOFF(state)


def _tell_retry(state: tenacity.RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    wait = state.next_action.sleep if state.next_action else 0
    log = structlog.get_logger().bind(
        reason=str(error), attempt=state.attempt_number
    )
    if isinstance(error, LimitError):
        log.warning('GitHub set a limit')
    else:
        log.warning('trying again', wait_seconds=round(wait, 1))
