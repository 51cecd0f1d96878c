"""What GitHub's answers mean: usable, worth another try, or final."""

import re
import reprlib
from dataclasses import dataclass
from typing import Any

import requests

from github_warehouse.errors import (
    AnswerError,
    EmptyError,
    MalformedError,
    QueryRefusedError,
    QueryTooLargeError,
    TokenRefusedError,
    UnknownFieldsError,
    one_line,
)
from github_warehouse.github import parse
from github_warehouse.github.limits import (
    named,
    raise_for_limited_query,
    raise_for_rate_limit,
)

# not there, or not to be shown
GONE = {404, 451}

_TOO_LARGE_TYPES = {'RESOURCE_LIMITS_EXCEEDED', 'INTERNAL'}
# The largest page, 100 repositories with 100 languages each, has some 50,000.
# A body of LARGEST_BODY bytes may have four million: some 300 MiB in memory.
_MOST_VALUES = 500_000
_TIMED_OUT = 'Something went wrong while executing'
_UNKNOWN_FIELD = re.compile(
    r"Field '(\w+)' doesn't (?:exist on type|accept argument)"
)
_UNKNOWN_TO_SERVER = re.compile(
    r"doesn't (exist on type|accept argument)|isn't a defined|"
    'is not defined by type'
)


class TransientError(Exception):
    """An answer, or the lack of one, that another try may mend."""

    def __init__(self, reason: str) -> None:
        super().__init__(one_line(reason))


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
        TransientError: the body is not JSON.
        LimitError: GitHub wants to be left alone; it says so with 200.
        QueryTooLargeError: GitHub ran out of time or resources.
        QueryRefusedError: the server is too old for the query; an
            UnknownFieldsError names the fields where they are the reason.
        AnswerError: there are no data in it.
    """
    body = read_json(response)
    if not isinstance(body, dict):
        raise MalformedError(
            f'GitHub answered a query with {reprlib.repr(body)}'
        )
    data, errors = body.get('data'), body.get('errors') or []
    raise_for_limited_query(errors, response)
    _raise_for_size(errors, has_data=data is not None)
    if not isinstance(data, dict):
        _raise_for_unknown_field(errors)
        if not errors:
            raise MalformedError(
                f'GitHub answered a query with {reprlib.repr(body)}'
            )
        raise AnswerError(
            f'GitHub refused a query: {_messages(errors)}{named(response)}'
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
    said = f'{status} {_message(response)}{named(response)}'
    if status == 401:
        raise TokenRefusedError(said)
    if status in (403, 429, 503):
        raise_for_rate_limit(response, said)
    if is_query and status in (502, 504):
        raise QueryTooLargeError(f'GitHub ran out of time: {said}')
    if status >= 500:
        raise TransientError(said)
    if status == 409:
        raise EmptyError(f'GitHub says that there is nothing: {said}')
    raise AnswerError(f'GitHub refused a request: {said}')


def read_json(response: requests.Response) -> object:
    """Read the body.

    Raises:
        TransientError: it is not JSON.
        AnswerError: as Python objects it would take too much memory.
    """
    if _count_values(response.content) > _MOST_VALUES:
        raise AnswerError(
            f'GitHub answered with more than {_MOST_VALUES:,} values, more '
            f'than any page can have: not read{named(response)}'
        )
    try:
        return response.json()
    except (RecursionError, ValueError) as error:
        raise TransientError(
            f'an answer that is not JSON{named(response)}'
        ) from error


def _count_values(body: bytes) -> int:
    """Count at least as many values as there are in a body of JSON."""
    return sum(body.count(mark) for mark in (b'[', b'{', b',')) + 1


def shows_a_part(response: requests.Response) -> bool:
    """Tell whether GitHub keeps a part of it from this token.

    https://docs.github.com/en/rest/authentication/authenticating-to-the-rest-api#authenticating-for-saml-sso
    """
    return 'partial-results' in response.headers.get('x-github-sso', '')


def _raise_for_size(errors: list[dict[str, Any]], has_data: bool) -> None:
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


def _raise_for_unknown_field(errors: list[dict[str, Any]]) -> None:
    """Raise when an older server does not know what was asked for."""
    messages = _messages(errors)
    unknown = [each for each in messages if _UNKNOWN_TO_SERVER.search(each)]
    if not unknown:
        return
    reason = f'this GitHub is too old for the query: {unknown[0]}'
    fields = [_UNKNOWN_FIELD.search(each) for each in messages]
    if all(fields):
        raise UnknownFieldsError(
            reason, frozenset(field[1] for field in fields if field)
        )
    raise QueryRefusedError(reason)


def _message(response: requests.Response) -> str:
    try:
        answer = read_json(response)
        return one_line(parse.record(answer, 'a refusal')['message'])
    except (AnswerError, KeyError, TransientError):
        return response.reason or 'without a reason'


def _messages(errors: list[dict[str, Any]]) -> list[str]:
    return [one_line(error.get('message')) for error in errors]


def cause(error: BaseException) -> str:
    """Find the plainest words for why a connection failed."""
    reason = getattr(error.args[0] if error.args else None, 'reason', error)
    words = one_line(reason).rpartition(': ')[2].strip('\'")>')
    return words or type(error).__name__
