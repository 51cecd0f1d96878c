"""GitHub's limits: how an answer tells of them, and how long they last.

The order of the questions that tell a limit from a refusal is GitHub's own:
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
# More than these GitHub cannot mean: a budget beyond PostgreSQL's integer, and
# a limit that lasts longer than the hour it is for, give or take some minutes.
# One such header would stop the reading of every company.
_LARGEST_BUDGET = 2**31 - 1
_LONGEST_HOUR_SECONDS = 70 * 60


class LimitError(Exception):
    """GitHub wants to be left alone for a while.

    Attributes:
        is_primary: the hour's budget is used up; else a secondary limit.
        seconds: for how long; None where it does not say.
    """

    def __init__(
        self, reason: str, is_primary: bool, seconds: float | None
    ) -> None:
        super().__init__(one_line(reason))
        self.is_primary = is_primary
        self.seconds = seconds


def seconds_to_reset(response: requests.Response) -> float | None:
    """Tell in how many seconds the hour is over, by GitHub's own clock.

    None where it does not say, or says that it is over.
    """
    reset = _whole(response.headers.get('x-ratelimit-reset', ''))
    if reset is None:
        return None
    return believable_reset(reset - _now(response).timestamp())


def believable_reset(seconds: float) -> float | None:
    """Return the seconds until an hour ends; None if they are implausible."""
    return seconds if 0 < seconds <= _LONGEST_HOUR_SECONDS else None


def remaining(response: requests.Response) -> int | None:
    """Return what is left of the hour; None where GitHub does not say."""
    left = _whole(response.headers.get('x-ratelimit-remaining', ''))
    return None if left is None or left > _LARGEST_BUDGET else left


def raise_for_rate_limit(response: requests.Response, said: str) -> None:
    """Raise a LimitError where the refusal is for a limit."""
    seconds = _retry_after(response)
    if seconds is not None:
        raise LimitError(said, False, seconds)
    if response.status_code == 503:
        return
    if response.headers.get('x-ratelimit-remaining') == '0':
        raise LimitError(said, True, seconds_to_reset(response))
    if response.status_code == 429 or _LIMITED.search(response.text):
        raise LimitError(said, False, None)


def _retry_after(response: requests.Response) -> float | None:
    """Read a Retry-After, which is in seconds or a date.

    https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
    """
    value = response.headers.get('retry-after', '').strip()
    seconds: float | None = _whole(value)
    if seconds is None:
        moment = http_date(value)
        if moment is None:
            return None
        seconds = max(0.0, (moment - _now(response)).total_seconds())
    return seconds if seconds <= _LONGEST_HOUR_SECONDS else None


def _whole(text: str) -> int | None:
    """Read a whole number of at most 15 ASCII digits."""
    return int(text) if re.fullmatch('[0-9]{1,15}', text) else None


def _now(response: requests.Response) -> datetime:
    """Tell the time by the server's clock, by ours where it has none."""
    return http_date(response.headers.get('date', '')) or datetime.now(UTC)


def http_date(value: str) -> datetime | None:
    """Read the date in a header, in UTC; None where it is not a date.

    https://www.rfc-editor.org/rfc/rfc9110#field.date
    """
    try:
        moment = parsedate_to_datetime(value)
        utc = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    # with other years, Python cannot calculate
    return utc if 1970 <= utc.year <= 2999 else None


def raise_for_limited_query(
    errors: list[dict[str, Any]], response: requests.Response
) -> None:
    """Raise when a query met a limit, of which GitHub tells with 200."""
    for error in errors:
        message = str(error.get('message'))
        said = f'{message}{named(response)}'
        if 'secondary rate' in message.lower():
            raise LimitError(said, False, _retry_after(response))
        if error.get('type') in _PRIMARY_TYPES or _LIMITED.search(message):
            raise LimitError(said, True, seconds_to_reset(response))


def named(response: requests.Response) -> str:
    """Name the request as GitHub's support wants to have it named."""
    number = response.headers.get('x-github-request-id')
    return f' (request {one_line(number)})' if number else ''
