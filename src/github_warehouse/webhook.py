"""Send text to a webhook in Slack's format.

https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
"""

from collections.abc import Sequence

import requests
import tenacity
import urllib3

from github_warehouse.errors import AlertError
from github_warehouse.github.deadline import (
    Deadline,
    WatchedAdapter,
    WatchedSession,
)
from github_warehouse.redact import redact

# For one try, from connecting to the last header.
_TRY_SECONDS = 10
# https://docs.slack.dev/messaging/formatting-message-text#escaping
_ESCAPES = str.maketrans({'&': '&amp;', '<': '&lt;', '>': '&gt;'})


@tenacity.retry(
    stop=tenacity.stop_after_attempt(3),
    wait=tenacity.wait_exponential(),
    retry=tenacity.retry_if_exception_type(AlertError),
    reraise=True,
)
def send_to_webhook(url: str, title: str, lines: Sequence[str]) -> None:
    """Send lines under a title, in three tries of ten seconds at most.

    Slack's markup is escaped, because the lines may contain text from GitHub.

    Raises:
        AlertError: the webhook did not accept it.
    """
    text = redact('\n'.join([f'*{title}*', *lines])).translate(_ESCAPES)
    with Deadline(_TRY_SECONDS) as deadline:
        try:
            status = _post(url, text)
        except AlertError:
            if not deadline.is_over:
                raise
    # an answer that the deadline cut short may look complete
    if deadline.is_over:
        raise AlertError(
            f'ALERT_WEBHOOK_URL did not answer in {_TRY_SECONDS} seconds'
        )
    if status >= 300:
        raise AlertError(f'ALERT_WEBHOOK_URL answered {status}')


def _post(url: str, text: str) -> int:
    """Send a text; return the HTTP status, without reading the body."""
    try:
        with WatchedSession() as http:
            for scheme in ('http://', 'https://'):
                http.mount(scheme, WatchedAdapter())
            with http.post(
                url,
                json={'text': text},
                timeout=_TRY_SECONDS,
                allow_redirects=False,
                stream=True,
            ) as answer:
                return answer.status_code
    except (
        requests.RequestException,
        urllib3.exceptions.HTTPError,
        # a host name that cannot be encoded
        ValueError,
    ) as error:
        raise AlertError(
            f'ALERT_WEBHOOK_URL cannot be reached: {type(error).__name__}'
        ) from error
