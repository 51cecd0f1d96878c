"""Requests to GitHub with one token, and what they cost.

A request is retried where that may help. The token is sent only to the
configured host: redirects to other hosts are not followed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

import requests

from github_warehouse.errors import (
    AnswerError,
    MalformedError,
    QueryRefusedError,
)
from github_warehouse.github import parse
from github_warehouse.github.answers import (
    GONE,
    QueryAnswer,
    read_answer,
    read_json,
    shows_a_part,
)
from github_warehouse.github.client import Cost, GitHubClient, Resource
from github_warehouse.github.retries import retry
from github_warehouse.github.tokens import Token
from github_warehouse.github.urls import graphql_url, origin

T = TypeVar('T')

_MAX_REDIRECTS = 5


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
                    f'there is no GraphQL at {url}: check GITHUB_API_URL'
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
        host = urlsplit(self.client.api_url).netloc
        return retry(send, host, self.client.clock.sleep)

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


def _unchanged(response: requests.Response) -> requests.Response:
    return response


def _list(response: requests.Response, path: str) -> list[object]:
    items = read_json(response)
    if not isinstance(items, list):
        raise MalformedError(
            f'GitHub returned {type(items).__name__} for the list {path}'
        )
    return items
