"""What GitHub's answers mean: usable, worth another try, or final."""

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
        return str(response.json()['message'])
    except (ValueError, KeyError, TypeError):
        return response.reason or 'without a reason'


def messages(errors: list[dict[str, Any]]) -> list[str]:
    """Return what the errors of a GraphQL answer say."""
    return [str(error.get('message')) for error in errors]


def refuse_large(errors: list[dict[str, Any]]) -> None:
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
    words = str(reason)
    return words.rpartition(': ')[2] or type(error).__name__
