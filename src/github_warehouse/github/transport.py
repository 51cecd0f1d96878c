"""Single HTTP requests to one GitHub, each within a deadline."""

from urllib.parse import urlsplit

import requests
import urllib3
from requests.auth import AuthBase

from github_warehouse import __version__
from github_warehouse.config import Settings
from github_warehouse.environment import is_loopback
from github_warehouse.errors import AnswerError
from github_warehouse.github.answers import TransientError, cause
from github_warehouse.github.deadline import (
    Deadline,
    WatchedAdapter,
    WatchedSession,
    read_body,
)
from github_warehouse.github.tokens import Token

# to connect, and between two packets of an answer
_TIMEOUTS_SECONDS = (10, 60)
# For one whole request; GitHub itself gives up after ten seconds.
_DEADLINE_SECONDS = 120.0
_HEADERS = {
    'Accept': 'application/vnd.github+json',
    'User-Agent': f'github-warehouse/{__version__}',
    'X-GitHub-Api-Version': '2022-11-28',
}


class _Authorization(AuthBase):
    """Sends a token, and keeps requests from reading ~/.netrc."""

    def __init__(self, token: Token) -> None:
        self._token = token

    def __call__(
        self, request: requests.PreparedRequest
    ) -> requests.PreparedRequest:
        if self._token.value is not None:
            request.headers['Authorization'] = f'Bearer {self._token.value}'
        return request


class Transport:
    """Sends requests and reads their answers, without retries or redirects.

    Several threads may use it at once.
    """

    def __init__(self, settings: Settings) -> None:
        self._http = WatchedSession()
        # no proxy for a GitHub on this machine
        self._proxies = (
            {'no_proxy': settings.api_host}
            if is_loopback(settings.api_host)
            else {}
        )
        for scheme in ('http://', 'https://'):
            self._http.mount(
                scheme, WatchedAdapter(pool_maxsize=settings.concurrency)
            )
        self._http.headers.update(_HEADERS)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def send(
        self,
        token: Token,
        method: str,
        url: str,
        payload: object,
        seconds_left: float,
    ) -> requests.Response:
        """Send one request and read the whole answer.

        Args:
            token: the token to send.
            method: GET or POST.
            url: an absolute URL.
            payload: sent as JSON; None sends no body.
            seconds_left: how long the run may still read.

        Raises:
            TransientError: no whole answer; a retry may help.
            AnswerError: an answer that a retry would not change.
        """
        seconds = min(_DEADLINE_SECONDS, seconds_left)
        with Deadline(seconds) as deadline:
            try:
                response = self._exchange(token, method, url, payload)
            except (AnswerError, TransientError):
                if not deadline.is_over:
                    raise
        # a body that the deadline cut short may look complete
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
                f'the certificate of {urlsplit(url).netloc} is not trusted: '
                f'{cause(error)}; check GITHUB_API_URL, and set '
                'REQUESTS_CA_BUNDLE for a private certificate authority'
            ) from error
        except ValueError as error:
            # the link of a next page or of a redirect is malformed
            raise AnswerError(
                f'GitHub sent a link or redirect that is malformed: {error}'
            ) from error
        except (
            requests.RequestException,
            urllib3.exceptions.HTTPError,
        ) as error:
            raise TransientError(cause(error)) from error
