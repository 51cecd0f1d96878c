"""Recognize GitHub's rate limits in answers, and how long they last.

The checks that distinguish a rate limit from a refusal follow GitHub's order:
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
"""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests

from github_warehouse.errors import one_line

_LIMITED = re.compile(
    'secondary rate|abuse detection|rate limit (already )?exceeded', re.I
)
_PRIMARY_TYPES = {'RATE_LIMITED', 'RATE_LIMIT'}
# Larger values are implausible: a budget beyond PostgreSQL's integer, and a
# limit that lasts longer than the hour that GitHub's limits are for, plus some
# minutes. One such header would stop the reading of every company.
_LARGEST_BUDGET = 2**31 - 1
_LONGEST_HOUR_SECONDS = 70 * 60


class LimitError(Exception):
    """GitHub refused a request because of a rate limit.

    Attributes:
        is_primary: whether the hour's budget is used up; if not, it is a
            secondary limit.
        seconds: until the limit ends; None when GitHub does not say.
    """

    def __init__(
        self, reason: str, is_primary: bool, seconds: float | None
    ) -> None:
        super().__init__(one_line(reason))
        self.is_primary = is_primary
        self.seconds = seconds


def seconds_to_reset(response: requests.Response) -> float | None:
    """Return the seconds until the hour's budget resets, by GitHub's clock.

    None when the answer has no reset, or one that is past or implausible.
    """
    reset = _parse_digits(response.headers.get('x-ratelimit-reset', ''))
    if reset is None:
        return None
    return plausible_reset(reset - _now(response).timestamp())


def plausible_reset(seconds: float) -> float | None:
    """Return the seconds until a reset; None if past or implausible."""
    return seconds if 0 < seconds <= _LONGEST_HOUR_SECONDS else None


def remaining(response: requests.Response) -> int | None:
    """Return the rest of the hour's budget; None if not in the answer.

    The unit is requests for REST and points for GraphQL.
    """
    left = _parse_digits(response.headers.get('x-ratelimit-remaining', ''))
    return None if left is None or left > _LARGEST_BUDGET else left


def raise_for_rate_limit(response: requests.Response, reason: str) -> None:
    """Raise if a refused request (403, 429 or 503) met a rate limit.

    Args:
        response: GitHub's answer.
        reason: the status and GitHub's words, for the message.

    Raises:
        LimitError: it did.
    """
    seconds = _retry_after(response)
    if seconds is not None:
        raise LimitError(reason, False, seconds)
    if response.status_code == 503:
        return
    if response.headers.get('x-ratelimit-remaining') == '0':
        raise LimitError(reason, True, seconds_to_reset(response))
    if response.status_code == 429 or _LIMITED.search(response.text):
        raise LimitError(reason, False, None)


def _retry_after(response: requests.Response) -> float | None:
    """Return the seconds of Retry-After, which is in seconds or a date.

    None when it is missing, malformed or implausible.
    https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
    """
    value = response.headers.get('retry-after', '').strip()
    seconds: float | None = _parse_digits(value)
    if seconds is None:
        date = http_date(value)
        if date is None:
            return None
        seconds = max(0.0, (date - _now(response)).total_seconds())
    return seconds if seconds <= _LONGEST_HOUR_SECONDS else None


def _parse_digits(text: str) -> int | None:
    """Parse 1 to 15 ASCII digits; return None for any other text."""
    return int(text) if re.fullmatch('[0-9]{1,15}', text) else None


def _now(response: requests.Response) -> datetime:
    """Return the date of an answer, UTC; without one, this machine's time."""
    return http_date(response.headers.get('date', '')) or datetime.now(UTC)


def http_date(value: str) -> datetime | None:
    """Parse the date in a header, UTC; return None if it is not a date.

    https://www.rfc-editor.org/rfc/rfc9110#field.date
    """
    try:
        date = parsedate_to_datetime(value)
        utc = date.replace(tzinfo=date.tzinfo or UTC).astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    # Python cannot calculate with every other year
    return utc if 1970 <= utc.year <= 2999 else None


def raise_for_limited_query(
    errors: list[dict[str, Any]], response: requests.Response
) -> None:
    """Raise if a GraphQL query met a rate limit; its status may be 200.

    Raises:
        LimitError: it did.
    """
    for error in errors:
        message = str(error.get('message'))
        reason = f'{message}{named(response)}'
        if 'secondary rate' in message.lower():
            raise LimitError(reason, False, _retry_after(response))
        if error.get('type') in _PRIMARY_TYPES or _LIMITED.search(message):
            raise LimitError(reason, True, seconds_to_reset(response))


def named(response: requests.Response) -> str:
    """Return the request id, which GitHub's support asks for, as a suffix."""
    request_id = response.headers.get('x-github-request-id')
    return f' (request {one_line(request_id)})' if request_id else ''
