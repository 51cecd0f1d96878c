"""HTTP to GitHub: one request at a time, with a timeout, tried again.

The token goes to the configured host alone: redirects are followed on the
same host only.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import structlog
import tenacity
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from github_warehouse import __version__
from github_warehouse.config import Settings
from github_warehouse.errors import AnswerError, UnreachableError
from github_warehouse.github import parse
from github_warehouse.github.answers import (
    GONE,
    QueryAnswer,
    TransientError,
    cause,
    check_json,
    check_status,
    read_answer,
)

_TRIES = 5
_TIMEOUTS_SECONDS = (10, 60)
_REDIRECTS = 5
_LOOPBACK = ('127.0.0.1', 'localhost', '::1')


class _Token(AuthBase):
    """Sends the token; and keeps requests from looking into ~/.netrc."""

    def __init__(self, token: str | None) -> None:
        self._token = token

    def __call__(
        self, request: requests.PreparedRequest
    ) -> requests.PreparedRequest:
        if self._token is not None:
            request.headers['Authorization'] = f'Bearer {self._token}'
        return request


@dataclass(frozen=True)
class ListPage:
    """A page of a REST list.

    Attributes:
        items: what is on it, not looked at yet.
        next_url: where the list goes on, in GitHub's own words.
        is_partial: GitHub keeps a part of it from this token.
    """

    items: list[Any]
    next_url: str | None
    is_partial: bool


class GitHubSession:
    """A session with one GitHub, which counts what it costs.

    Several threads may use it at once.

    Attributes:
        requests_sent: HTTP requests, tries included.
        points_spent: GraphQL points.
        budget_left: requests or points left, as GitHub last said; None when
            it says nothing, as Enterprise Servers without limits do.
    """

    def __init__(
        self, settings: Settings, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.requests_sent = 0
        self.points_spent = 0
        self.budget_left: int | None = None
        self.api_url = settings.api_url
        self._sleep = sleep
        self._lock = threading.Lock()
        self._http = requests.Session()
        # no proxy stands between this machine and itself
        self._http.trust_env = settings.api_host not in _LOOPBACK
        for scheme in ('http://', 'https://'):
            self._http.mount(
                scheme, HTTPAdapter(pool_maxsize=settings.concurrency)
            )
        self._http.auth = _Token(settings.token)
        self._http.headers.update(
            {
                'Accept': 'application/vnd.github+json',
                'User-Agent': f'github-warehouse/{__version__}',
                'X-GitHub-Api-Version': '2022-11-28',
            }
        )

    def __enter__(self) -> 'GitHubSession':
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._http.close()

    def get(self, path: str) -> Any:
        """Read a REST resource; None where GitHub shows none.

        Raises:
            GitHubError: there is no usable answer.
        """
        response = self._try(
            lambda: self._follow(urljoin(f'{self.api_url}/', path))
        )
        return None if response is None else response.json()

    def get_page(self, path: str) -> ListPage | None:
        """Read a page of a REST list; None where GitHub shows none.

        Raises:
            GitHubError: there is no usable answer.
        """
        with parse.understood('the address of a page'):
            url = urljoin(f'{self.api_url}/', path)
            self._check_host(url)
        response = self._try(lambda: self._follow(url))
        if response is None:
            return None
        items = response.json()
        if not isinstance(items, list):
            raise AnswerError(
                f'GitHub gave {type(items).__name__} for the list {path}'
            )
        return ListPage(
            items,
            response.links.get('next', {}).get('url'),
            'partial-results' in response.headers.get('x-github-sso', ''),
        )

    def query(
        self, document: str, variables: dict[str, object]
    ) -> QueryAnswer:
        """Ask a GraphQL query.

        Raises:
            QueryTooLargeError: GitHub ran out of time or resources.
            GitHubError: there is no usable answer.
        """
        payload = {'query': document, 'variables': variables}
        url = graphql_url(self.api_url)
        response = self._try(lambda: self._send('POST', url, payload))
        if response is None or response.is_redirect:
            raise AnswerError(
                f'GraphQL is not at {url}: check GITHUB_API_URL, or read by '
                '--source rest'
            )
        with parse.understood('an answer to a query'):
            answer = read_answer(response.json())
            limit = answer.data.get('rateLimit') or {}
            self.points_spent += limit.get('cost') or 0
            self.budget_left = limit.get('remaining', self.budget_left)
        return answer

    def pause(self, seconds: float) -> None:
        """Hold still for a while."""
        self._sleep(seconds)

    def _try(
        self, send: Callable[[], requests.Response | None]
    ) -> requests.Response | None:
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(_TRIES),
            wait=tenacity.wait_random_exponential(multiplier=2, max=60),
            retry=tenacity.retry_if_exception_type(TransientError),
            before_sleep=_tell_retry,
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return retrying(send)
        except TransientError as error:
            raise UnreachableError(
                f'{urlsplit(self.api_url).netloc} gave no usable answer in '
                f'{_TRIES} tries: {error}; '
                'check GITHUB_API_URL and the network, or try again later'
            ) from error

    def _follow(self, url: str) -> requests.Response | None:
        for _ in range(_REDIRECTS):
            response = self._send('GET', url)
            if response is None or not response.is_redirect:
                return response
            url = urljoin(url, response.headers['Location'])
            self._check_host(url)
        raise AnswerError(f'GitHub redirects in circles at {url}')

    def _check_host(self, url: str) -> None:
        """Refuse to follow GitHub to where the token must not go."""
        asked, configured = urlsplit(url), urlsplit(self.api_url)
        if (asked.scheme, asked.netloc) != (
            configured.scheme,
            configured.netloc,
        ):
            raise AnswerError(
                f'GitHub redirects to another host, {asked.netloc}: '
                'not followed'
            )

    def _send(
        self, method: str, url: str, payload: object = None
    ) -> requests.Response | None:
        with self._lock:
            self.requests_sent += 1
        response = self._request(method, url, payload)
        remaining = response.headers.get('x-ratelimit-remaining', '')
        if remaining.isdigit():
            with self._lock:
                self.budget_left = int(remaining)
        check_status(response, is_query=method == 'POST')
        if response.status_code in GONE:
            return None
        if response.status_code == 200:
            check_json(response)
        return response

    def _request(
        self, method: str, url: str, payload: object
    ) -> requests.Response:
        try:
            return self._http.request(
                method,
                url,
                json=payload,
                timeout=_TIMEOUTS_SECONDS,
                allow_redirects=False,
            )
        except requests.exceptions.SSLError as error:
            raise AnswerError(
                f'{urlsplit(url).netloc} cannot be trusted: {cause(error)}; '
                'check GITHUB_API_URL, and REQUESTS_CA_BUNDLE where the '
                'certificates are your own'
            ) from error
        except (
            requests.ConnectionError,
            requests.Timeout,
            requests.exceptions.ChunkedEncodingError,
            requests.exceptions.ContentDecodingError,
        ) as error:
            raise TransientError(cause(error)) from error
        except ValueError as error:
            # a redirection to what is no address
            raise AnswerError(
                f'GitHub sent an answer that cannot be followed: {error}'
            ) from error


def graphql_url(api_url: str) -> str:
    """Return where GraphQL is, given where REST is.

    Enterprise Server has the one below /api/v3 and the other beside it:
    https://docs.github.com/en/graphql/guides/forming-calls-with-graphql
    """
    if api_url.endswith('/api/v3'):
        return api_url.removesuffix('/v3') + '/graphql'
    return f'{api_url}/graphql'


def _tell_retry(state: tenacity.RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    wait = state.next_action.sleep if state.next_action else 0
    structlog.get_logger().warning(
        'trying again',
        reason=str(error),
        attempt=state.attempt_number,
        wait_seconds=round(wait, 1),
    )
