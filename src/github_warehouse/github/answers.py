"""What GitHub's answers mean: usable, worth another try, or final."""

from dataclasses import dataclass
from typing import Any

import requests

from github_warehouse.errors import (
    AnswerError,
    QueryTooLargeError,
    TokenRefusedError,
)

# not there, not there any more, or not to be shown
GONE = {404, 410, 451}


class TransientError(Exception):
    """An answer, or the lack of one, that another try may mend."""


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


def read_answer(body: dict[str, Any]) -> QueryAnswer:
    """Read the body of an answer to a GraphQL query.

    Raises:
        QueryTooLargeError: GitHub ran out of time or resources.
        AnswerError: there are no data in it.
    """
    data, errors = body.get('data'), body.get('errors') or []
    _refuse_large(errors)
    if not isinstance(data, dict):
        raise AnswerError(
            f'GitHub refused a query: {_messages(errors) or body}'
        )
    return QueryAnswer(
        data, [error for error in errors if error.get('type') != 'NOT_FOUND']
    )


def check_status(response: requests.Response, is_query: bool) -> None:
    """Raise unless the status is one that can be worked with.

    Raises:
        TransientError: another try may mend it.
        TokenRefusedError: 401.
        QueryTooLargeError: a query, or what stands before it, timed out.
        AnswerError: another try would not change it.
    """
    status = response.status_code
    if status == 200 or status in GONE or response.is_redirect:
        return
    said = f'{status} {_message(response)}'
    request_id = response.headers.get('x-github-request-id')
    if request_id:
        said = f'{said} (request {request_id})'
    if status == 401:
        raise TokenRefusedError(
            f'GitHub refused the token, {said}: '
            'put a valid one in GITHUB_TOKEN'
        )
    if is_query and status in (502, 504):
        raise QueryTooLargeError(f'GitHub ran out of time: {said}')
    if status >= 500:
        raise TransientError(said)
    raise AnswerError(f'GitHub refused a request: {said}')


def check_json(response: requests.Response) -> None:
    """Raise a TransientError unless the body is JSON."""
    try:
        response.json()
    except ValueError as error:
        raise TransientError('an answer that is not JSON') from error


def _message(response: requests.Response) -> str:
    try:
        return _one_line(response.json()['message'])
    except (ValueError, KeyError, TypeError):
        return response.reason or 'without a reason'


def _messages(errors: list[dict[str, Any]]) -> list[str]:
    return [_one_line(error.get('message')) for error in errors]


def _refuse_large(errors: list[dict[str, Any]]) -> None:
    """Raise when GitHub had to give up on a query for its size.

    It says so in several ways, most of them with status 200:
    https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
    """
    for error in errors:
        message = str(error.get('message'))
        if (
            error.get('type') == 'RESOURCE_LIMITS_EXCEEDED'
            or 'Something went wrong while executing' in message
        ):
            raise QueryTooLargeError(f'GitHub ran out of time: {message}')


def cause(error: BaseException) -> str:
    """Find the plainest words for why a connection failed."""
    reason = getattr(error.args[0] if error.args else None, 'reason', error)
    words = _one_line(reason).rpartition(': ')[2].strip('\'")>')
    return words or type(error).__name__


def _one_line(text: object) -> str:
    return ' '.join(str(text).split())
