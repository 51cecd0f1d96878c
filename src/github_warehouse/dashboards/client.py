"""Client for Metabase's API, logged in as the administrator.

Requests and responses follow Metabase's source, v0.58 to v0.64, and its
documentation, https://www.metabase.com/docs/latest/api. The API is not
versioned.
"""

from typing import Any

import requests
from tenacity import (
    RetryError,
    Retrying,
    retry_if_exception_type,
    stop_after_delay,
    wait_fixed,
)

from github_warehouse.dashboards.settings import MetabaseSettings
from github_warehouse.errors import DashboardError, MetabaseAwayError

_TIMEOUT_SECONDS = 60
_READY_SECONDS = 600


class MetabaseClient:
    """A session with one Metabase; call `log_in` first.

    Raises:
        DashboardError: from every method, if Metabase rejects a request or
            cannot be reached.
    """

    def __init__(self, settings: MetabaseSettings) -> None:
        self._settings = settings
        self._http = requests.Session()
        # ignore proxies and .netrc passwords of the environment
        self._http.trust_env = False

    def is_ready(self) -> bool:
        """Return whether Metabase answers now."""
        try:
            self._check_ready()
        except DashboardError:
            return False
        return True

    def wait_until_ready(self, seconds: float = _READY_SECONDS) -> None:
        """Wait until Metabase answers.

        Args:
            seconds: how long to wait at most.
        """
        retrying = Retrying(
            stop=stop_after_delay(seconds),
            wait=wait_fixed(1),
            retry=retry_if_exception_type(DashboardError),
        )
        try:
            retrying(self._check_ready)
        except RetryError as error:
            raise DashboardError(
                f'{error.last_attempt.exception()}; gave up after '
                f'{seconds:.0f} seconds: check that it is running and that '
                'METABASE_URL is its address'
            ) from error

    def log_in(self) -> bool:
        """Log in; create the administrator if Metabase is new.

        Returns:
            Whether Metabase was new.
        """
        properties = self.call('GET', '/api/session/properties')
        email = self._settings.admin_email
        password = self._settings.admin_password
        is_new = not properties['has-user-setup']
        if is_new:
            session = self.call(
                'POST',
                '/api/setup',
                {
                    'token': properties['setup-token'],
                    'user': {
                        'email': email,
                        'password': password,
                        'first_name': 'Warehouse',
                        'last_name': 'Administrator',
                    },
                    'prefs': {
                        'site_name': 'GitHub Warehouse',
                        'site_locale': 'en',
                    },
                },
            )
        else:
            session = self._session(email, password)
        self._http.headers['X-Metabase-Session'] = session['id']
        return is_new

    def call(
        self, method: str, path: str, body: dict[str, Any] | None = None
    ) -> Any:
        """Send a request and return the JSON of the response.

        None if the response is empty.
        """
        response = self._send(method, path, body)
        if response.status_code not in (200, 202, 204):
            raise DashboardError(
                f'Metabase rejected {method} {path}: {_reason(response)}'
            )
        if response.status_code == 204 or not response.content:
            return None
        try:
            return response.json()
        except requests.JSONDecodeError as error:
            raise DashboardError(
                f'{self._settings.url} answered {method} {path} without JSON: '
                'check that METABASE_URL is the address of a Metabase'
            ) from error

    def run_card(self, card_id: int) -> dict[str, Any]:
        """Run the query of a saved card; return the result with its `status`.

        The status code of a query that fails is 202, or 500 since v0.59.
        """
        path = f'/api/card/{card_id}/query'
        response = self._send('POST', path, {})
        try:
            result = response.json()
        except requests.JSONDecodeError:
            result = None
        if not isinstance(result, dict) or 'status' not in result:
            raise DashboardError(
                f'Metabase rejected POST {path}: {_reason(response)}'
            )
        return result

    def _session(self, email: str, password: str) -> Any:
        credentials = {'username': email, 'password': password}
        response = self._send('POST', '/api/session', credentials)
        if response.status_code == 401:
            raise DashboardError(
                f'Metabase rejected the login of {email} '
                f'({_reason(response)}): METABASE_ADMIN_EMAIL and '
                'METABASE_ADMIN_PASSWORD must match Metabase; change them '
                'there first'
            )
        if response.status_code != 200:
            raise DashboardError(
                f'Metabase rejected the login: {_reason(response)}'
            )
        return response.json()

    def _check_ready(self) -> None:
        # its health check succeeds before the rest of the API answers
        for path in ('/api/health', '/api/session/properties'):
            self.call('GET', path)

    def _send(
        self, method: str, path: str, body: dict[str, Any] | None
    ) -> requests.Response:
        try:
            response = self._http.request(
                method,
                self._settings.url + path,
                json=body,
                timeout=_TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise MetabaseAwayError(
                f'Metabase at {self._settings.url} does not answer '
                f'({type(error).__name__})'
            ) from error
        if response.status_code == 503:
            raise MetabaseAwayError(
                f'Metabase at {self._settings.url} is not ready: '
                f'{_reason(response)}'
            )
        return response


def _reason(response: requests.Response) -> str:
    """Return the status code and message of an error response."""
    code = response.status_code
    try:
        body = response.json()
    except requests.JSONDecodeError:
        return f'{code} {response.text[:200].strip()}'.strip()
    if not isinstance(body, dict):
        return f'{code} {body}'
    parts = [str(body['message'])] if body.get('message') else []
    errors = body.get('errors')
    if isinstance(errors, dict):
        parts += [f'{name}: {text}' for name, text in errors.items()]
    return f'{code} {"; ".join(parts) or body}'
