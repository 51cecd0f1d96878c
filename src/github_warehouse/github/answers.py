"""What GitHub's answers mean: usable, worth another try, or final.

The order of the questions that tell a limit from a refusal is GitHub's own:
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests

from github_warehouse.errors import (
    AnswerError,
    EmptyError,
    MalformedError,
    QueryRefusedError,
    QueryTooLargeError,
    TokenRefusedError,
)
from github_warehouse.redact import redact

# not there, or not to be shown
GONE = {404, 451}

_LIMITED = re.compile(
    'secondary rate|abuse detection|rate limit (already )?exceeded', re.I
)
_PRIMARY_TYPES = {'RATE_LIMITED', 'RATE_LIMIT'}
_TOO_LARGE_TYPES = {'RESOURCE_LIMITS_EXCEEDED', 'INTERNAL'}
_TIMED_OUT = 'Something went wrong while executing'
_UNKNOWN_TO_SERVER = re.compile(
    r"doesn't (exist on type|accept argument)|isn't a defined|"
    'is not defined by type'
)


class TransientError(Exception):
    """An answer, or the lack of one, that another try may mend."""

    def __init__(self, reason: str) -> None:
        super().__init__(redact(reason))


class LimitError(Exception):
    """GitHub wants to be left alone for a while.

    Attributes:
        is_primary: the hour's budget is used up; else a secondary limit.
        seconds: for how long; None where it does not say.
    """

    def __init__(
        self, reason: str, is_primary: bool, seconds: float | None
    ) -> None:
        super().__init__(redact(reason))
        self.is_primary = is_primary
        self.seconds = seconds


@dataclass(frozen=True)
class QueryAnswer:
    """What a GraphQL query was answered.

    Attributes:
        data: as asked for; in part where there are errors.
        errors: what GitHub says went wrong, but for what is not there.
    """

    data: dict[str, Any]
    errors: list[dict[str, Any]]

    @property
    def problems(self) -> list[str]:
        """What the errors say."""
        return _messages(self.errors)

    def damaged(self, *path: str) -> set[int]:
        """Return which items of the list at a path have errors in them."""
        depth = len(path)
        return {
            error['path'][depth]
            for error in self.errors
            if isinstance(error.get('path'), list)
            and len(error['path']) > depth
            and tuple(error['path'][:depth]) == path
        }


def read_answer(response: requests.Response) -> QueryAnswer:
    """Read the answer to a GraphQL query.

    Raises:
        LimitError: GitHub wants to be left alone; it says so with 200.
        QueryTooLargeError: GitHub ran out of time or resources.
        QueryRefusedError: the server is too old for the query.
        AnswerError: there are no data in it.
    """
    body = response.json()
    data, errors = body.get('data'), body.get('errors') or []
    _refuse_limited(errors, response)
    _refuse_large(errors, has_data=data is not None)
    if not isinstance(data, dict):
        _refuse_unknown(errors)
        if not errors:
            raise MalformedError(f'GitHub answered a query with {body!r:.80}')
        raise AnswerError(
            f'GitHub refused a query: {_messages(errors)}{_request(response)}'
        )
    told = [error for error in errors if error.get('type') != 'NOT_FOUND']
    if shows_a_part(response):
        told.append({'message': 'single sign-on (SAML) hides a part of it'})
    return QueryAnswer(data, told)


def check_status(response: requests.Response, is_query: bool) -> None:
    """Raise unless the status is one that can be worked with.

    Raises:
        TransientError: another try may mend it.
        LimitError: another try may, when the limit ends.
        TokenRefusedError: 401.
        EmptyError: 409.
        QueryTooLargeError: a query, or what stands before it, timed out.
        AnswerError: another try would not change it.
    """
    status = response.status_code
    if status == 200 or status in GONE or response.is_redirect:
        return
    said = f'{status} {_message(response)}{_request(response)}'
    if status == 401:
        raise TokenRefusedError(said)
    if status in (403, 429, 503):
        _refuse_limit(response, said)
    if is_query and status in (502, 504):
        raise QueryTooLargeError(f'GitHub ran out of time: {said}')
    if status >= 500:
        raise TransientError(said)
    if status == 409:
        raise EmptyError(f'GitHub says that there is nothing: {said}')
    raise AnswerError(f'GitHub refused a request: {said}')


def check_json(response: requests.Response) -> None:
    """Raise a TransientError unless the body is JSON."""
    try:
        response.json()
    except ValueError as error:
        raise TransientError(
            f'an answer that is not JSON{_request(response)}'
        ) from error


def shows_a_part(response: requests.Response) -> bool:
    """Tell whether GitHub keeps a part of it from this token.

    https://docs.github.com/en/rest/authentication/authenticating-to-the-rest-api#authenticating-for-saml-sso
    """
    return 'partial-results' in response.headers.get('x-github-sso', '')


def seconds_to_reset(response: requests.Response) -> float | None:
    """Tell in how many seconds the hour is over, by GitHub's own clock.

    None where it does not say, or says that it is over.
    """
    reset = response.headers.get('x-ratelimit-reset', '')
    if not reset.isdecimal():
        return None
    seconds = int(reset) - _now(response).timestamp()
    return seconds if seconds > 0 else None


def _refuse_limit(response: requests.Response, said: str) -> None:
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
    if value.isdecimal():
        return float(value)
    moment = _http_date(value)
    if moment is None:
        return None
    return max(0.0, (moment - _now(response)).total_seconds())


def _now(response: requests.Response) -> datetime:
    """Tell the time by the server's clock, by ours where it has none."""
    return _http_date(response.headers.get('date', '')) or datetime.now(UTC)


def _http_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _refuse_limited(
    errors: list[dict[str, Any]], response: requests.Response
) -> None:
    """Raise when a query met a limit, of which GitHub tells with 200."""
    for error in errors:
        message = str(error.get('message'))
        said = f'{message}{_request(response)}'
        if 'secondary rate' in message.lower():
            raise LimitError(said, False, _retry_after(response))
        if error.get('type') in _PRIMARY_TYPES or _LIMITED.search(message):
            raise LimitError(said, True, seconds_to_reset(response))


def _refuse_large(errors: list[dict[str, Any]], has_data: bool) -> None:
    """Raise when GitHub had to give up on a query for its size.

    It says so in several ways, most of them with status 200:
    https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
    """
    for error in errors:
        message, kind = str(error.get('message')), error.get('type')
        if (
            _TIMED_OUT in message
            or kind == 'RESOURCE_LIMITS_EXCEEDED'
            or (kind in _TOO_LARGE_TYPES and not has_data)
        ):
            raise QueryTooLargeError(f'GitHub ran out of time: {message}')


def _refuse_unknown(errors: list[dict[str, Any]]) -> None:
    """Raise when an older server does not know what was asked for."""
    for message in _messages(errors):
        if _UNKNOWN_TO_SERVER.search(message):
            raise QueryRefusedError(
                f'this GitHub is too old for the query: {message}'
            )


def _message(response: requests.Response) -> str:
    try:
        return _one_line(response.json()['message'])
    except (ValueError, KeyError, TypeError):
        return response.reason or 'without a reason'


def _request(response: requests.Response) -> str:
    """Name the request as GitHub's support wants to have it named."""
    number = response.headers.get('x-github-request-id')
    return f' (request {_one_line(number)})' if number else ''


def _messages(errors: list[dict[str, Any]]) -> list[str]:
    return [_one_line(error.get('message')) for error in errors]


def cause(error: BaseException) -> str:
    """Find the plainest words for why a connection failed."""
    reason = getattr(error.args[0] if error.args else None, 'reason', error)
    words = _one_line(reason).rpartition(': ')[2].strip('\'")>')
    return words or type(error).__name__


def _one_line(text: object) -> str:
    return ' '.join(str(text).split())
