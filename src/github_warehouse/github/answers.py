"""Classify GitHub's answers: usable, worth a retry, or final."""

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

# not found, or unavailable for legal reasons
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
    """GitHub gave no answer, or an unusable one; a retry may help."""

    def __init__(self, reason: str) -> None:
        super().__init__(one_line(reason))


@dataclass(frozen=True)
class QueryAnswer:
    """The answer to a GraphQL query.

    Attributes:
        data: the requested data; incomplete if there are errors.
        errors: the errors in the answer, except those of type NOT_FOUND.
    """

    data: dict[str, Any]
    errors: list[dict[str, Any]]

    @property
    def problems(self) -> list[str]:
        """Return the messages of the errors."""
        return _messages(self.errors)

    def damaged(self, *path: str) -> set[int]:
        """Return the indexes of items with errors in the list at a path."""
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
        LimitError: the query met a rate limit; the status is 200.
        QueryTooLargeError: GitHub ran out of time or resources.
        UnknownFieldsError: the server does not know some of the fields.
        QueryRefusedError: the server is too old for the query.
        AnswerError: the answer has no data.
    """
    body = read_json(response)
    if not isinstance(body, dict):
        raise MalformedError(
            f'GitHub returned {reprlib.repr(body)} for a query'
        )
    data, errors = body.get('data'), body.get('errors') or []
    raise_for_limited_query(errors, response)
    _raise_for_size(errors, has_data=data is not None)
    if not isinstance(data, dict):
        _raise_for_unknown_field(errors)
        if not errors:
            raise MalformedError(
                f'GitHub returned {reprlib.repr(body)} for a query'
            )
        raise AnswerError(
            f'GitHub refused a query: {_messages(errors)}{named(response)}'
        )
    relevant = [error for error in errors if error.get('type') != 'NOT_FOUND']
    if shows_a_part(response):
        relevant.append({'message': 'single sign-on (SAML) hides a part'})
    return QueryAnswer(data, relevant)


def check_status(response: requests.Response, is_query: bool) -> None:
    """Raise unless the status is 200, a redirect, or one of `GONE`.

    Raises:
        TransientError: a retry may help.
        LimitError: the request met a rate limit.
        TokenRefusedError: 401.
        EmptyError: 409.
        QueryTooLargeError: 502 or 504 for a query, which timed out.
        AnswerError: a retry would not help.
    """
    status = response.status_code
    if status == 200 or status in GONE or response.is_redirect:
        return
    reason = f'{status} {_message(response)}{named(response)}'
    if status == 401:
        raise TokenRefusedError(reason)
    if status in (403, 429, 503):
        raise_for_rate_limit(response, reason)
    if is_query and status in (502, 504):
        raise QueryTooLargeError(f'GitHub ran out of time: {reason}')
    if status >= 500:
        raise TransientError(reason)
    if status == 409:
        raise EmptyError(f'the repository is empty: {reason}')
    raise AnswerError(f'GitHub refused a request: {reason}')


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
    """Return whether single sign-on hides a part of an answer.

    https://docs.github.com/en/rest/authentication/authenticating-to-the-rest-api#authenticating-for-saml-sso
    """
    return 'partial-results' in response.headers.get('x-github-sso', '')


def _raise_for_size(errors: list[dict[str, Any]], has_data: bool) -> None:
    """Raise a QueryTooLargeError if a query was too large to answer.

    GitHub reports it in several ways, most of them with status 200:
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
    """Raise a QueryRefusedError if the server is too old for the query."""
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
    """Return why a connection failed, in a few words."""
    reason = getattr(error.args[0] if error.args else None, 'reason', error)
    text = one_line(reason).rpartition(': ')[2].strip('\'")>')
    return text or type(error).__name__
