"""Speak with Metabase's API as its administrator.

Request and answer forms: Metabase's own source, v0.58 to v0.64, and its
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
    """A session with one Metabase; log in before anything else.

    Raises:
        DashboardError: from every method, when Metabase refuses or is away.
    """

    def __init__(self, settings: MetabaseSettings) -> None:
        self._settings = settings
        self._http = requests.Session()
        # A proxy or a password of the environment's is none of its business.
        self._http.trust_env = False

    def is_ready(self) -> bool:
        """Tell whether it answers now."""
        try:
            self._check_ready()
        except DashboardError:
            return False
        return True

    def wait_until_ready(self, seconds: float = _READY_SECONDS) -> None:
        """Wait until it answers; its health turns good before it does."""
        retrying = Retrying(
            stop=stop_after_delay(seconds),
            wait=wait_fixed(1),
            retry=retry_if_exception_type(DashboardError),
        )
        try:
            retrying(self._check_ready)
        except RetryError as error:
            raise DashboardError(
                f'{error.last_attempt.exception()}; waited for '
                f'{seconds:.0f} seconds: is it running, and is METABASE_URL '
                'its address?'
            ) from error

    def log_in(self) -> bool:
        """Log in; the first time, set the administrator up.

        Returns:
            Whether it was the first time.
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
        """Send one request; return what the JSON of its answer says."""
        answer = self._send(method, path, body)
        if answer.status_code not in (200, 202, 204):
            raise DashboardError(
                f'Metabase refused {method} {path}: {_reason(answer)}'
            )
        if answer.status_code == 204 or not answer.content:
            return None
        try:
            return answer.json()
        except requests.JSONDecodeError as error:
            raise DashboardError(
                f'{self._settings.url} answered {method} {path} with no '
                'JSON: is METABASE_URL the address of a Metabase?'
            ) from error

    def ask(self, path: str) -> dict[str, Any]:
        """Run a query that is kept there; its status tells how it went.

        A query that fails is answered 202, or 500 since v0.59.
        """
        answer = self._send('POST', path, {})
        try:
            told = answer.json()
        except requests.JSONDecodeError:
            told = None
        if not isinstance(told, dict) or 'status' not in told:
            raise DashboardError(
                f'Metabase refused POST {path}: {_reason(answer)}'
            )
        return told

    def _session(self, email: str, password: str) -> Any:
        credentials = {'username': email, 'password': password}
        answer = self._send('POST', '/api/session', credentials)
        if answer.status_code == 401:
            raise DashboardError(
                f'Metabase does not let {email} in ({_reason(answer)}): '
                'METABASE_ADMIN_EMAIL and METABASE_ADMIN_PASSWORD must be '
                'what they are in Metabase; change them there first'
            )
        if answer.status_code != 200:
            raise DashboardError(
                f'Metabase refused the login: {_reason(answer)}'
            )
        return answer.json()

    def _check_ready(self) -> None:
        for path in ('/api/health', '/api/session/properties'):
            self.call('GET', path)

    def _send(
        self, method: str, path: str, body: dict[str, Any] | None
    ) -> requests.Response:
        try:
            answer = self._http.request(
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
        if answer.status_code == 503:
            raise MetabaseAwayError(
                f'Metabase at {self._settings.url} is not ready: '
                f'{_reason(answer)}'
            )
        return answer


def _reason(answer: requests.Response) -> str:
    """Say in a line what an answer that is an error says."""
    try:
        said = answer.json()
    except requests.JSONDecodeError:
        return f'{answer.status_code} {answer.text[:200].strip()}'.strip()
    if not isinstance(said, dict):
        return f'{answer.status_code} {said}'
    parts = [str(said['message'])] if said.get('message') else []
    errors = said.get('errors')
    if isinstance(errors, dict):
        parts += [f'{name}: {text}' for name, text in errors.items()]
    return f'{answer.status_code} {"; ".join(parts) or said}'
