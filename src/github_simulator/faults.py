"""Faults: which requests fail, and how.

The functions below create the failures known from GitHub. Besides their own
parameters they take the fields of `Fault` that select requests, for example
`secondary_limit(kind='rest:list', first=2, last=3)`.
"""

import gzip
import re
from dataclasses import dataclass, field
from typing import Any

from github_simulator.http_messages import (
    RATE_LIMIT_DOCUMENTATION,
    Response,
    error_response,
)

JSON_TYPE = {'Content-Type': 'application/json; charset=utf-8'}
HTML_TYPE = {'Content-Type': 'text/html; charset=utf-8'}


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """A fault and the requests it applies to.

    Requests match by `kind` (a kind of request, or a pattern such as
    'rest:*'), `text` (a regular expression, searched in `path?query` and the
    body), `token` (the token sent) and `page_size_above` (the requested page
    size is larger). The fault applies to matches `first` to `last` (counted
    from 1; None: no end), each with `probability`, drawn from `seed`.

    The response is sent after `delay_seconds`, with `status`, `headers` and
    `body`. Without status and body it is the real response with these
    changes: `headers` are added and `removed_headers` removed; `error` is
    added to the GraphQL errors, and the value at `null_path` below `data` is
    set to null; `raw`, which need not be valid JSON, replaces the value at
    `path`. `reset_in_seconds` reports an exhausted primary rate limit.
    With `inflated_bytes` the body is that many spaces, compressed by gzip.

    `transport` is 'reset' (the connection is reset before the response),
    'truncated' (it is closed in the middle of the body), 'slow headers' or
    'slow body' (one byte every 50 ms).
    """

    kind: str = '*'
    text: str = ''
    token: str | None = None
    first: int = 1
    last: int | None = None
    probability: float = 1.0
    seed: int = 1
    page_size_above: int = 0
    delay_seconds: float = 0.0
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None
    error: dict[str, Any] | None = None
    null_path: tuple[str | int, ...] = ()
    removed_headers: tuple[str, ...] = ()
    reset_in_seconds: int | None = None
    transport: str = ''
    path: tuple[str | int, ...] = ()
    raw: str | None = None
    inflated_bytes: int = 0

    def __post_init__(self) -> None:
        """Raise re.error if `text` is not a regular expression."""
        re.compile(self.text)

    @property
    def replaces_response(self) -> bool:
        """Return whether the real response is not sent at all."""
        return (
            self.status is not None
            or self.body is not None
            or self.inflated_bytes > 0
        )

    def response(self) -> Response:
        """Return the response sent instead of the real one."""
        body = (self.body or '').encode()
        if self.inflated_bytes:
            body = gzip.compress(b' ' * self.inflated_bytes, compresslevel=1)
        return Response(self.status or 200, body=body)


def hang(seconds: float, **which: Any) -> Fault:
    """Send the real response after a delay."""
    return Fault(delay_seconds=seconds, **which)


def reset_connection(**which: Any) -> Fault:
    """Reset the connection instead of sending a response."""
    return Fault(transport='reset', **which)


def truncated_body(**which: Any) -> Fault:
    """Close the connection in the middle of the real body."""
    return Fault(transport='truncated', **which)


def slow_headers(**which: Any) -> Fault:
    """Send headers and body one byte at a time."""
    return Fault(transport='slow headers', **which)


def slow_body(**which: Any) -> Fault:
    """Send the body one byte at a time."""
    return Fault(transport='slow body', **which)


def gzip_bomb(inflated_bytes: int, **which: Any) -> Fault:
    """Send a compressed body that inflates about a thousandfold."""
    headers = JSON_TYPE | {'Content-Encoding': 'gzip'}
    return Fault(inflated_bytes=inflated_bytes, headers=headers, **which)


def replaced(path: tuple[str | int, ...], raw: str, **which: Any) -> Fault:
    """Send the real response with the value at a path replaced."""
    return Fault(path=path, raw=raw, **which)


def malformed_json(**which: Any) -> Fault:
    """Send 200 and incomplete JSON with the right Content-Length."""
    return Fault(status=200, headers=JSON_TYPE, body='[{"id": 1, ', **which)


def empty_body(**which: Any) -> Fault:
    """Send 200 and an empty body."""
    return Fault(status=200, headers=JSON_TYPE, body='', **which)


def html_error(status: int = 502, **which: Any) -> Fault:
    """Send a proxy's HTML error page instead of JSON."""
    page = (
        f'<html>\r\n<head><title>{status} Bad Gateway</title></head>\r\n'
        f'<body><center><h1>{status} Bad Gateway</h1></center></body>\r\n'
        '</html>\r\n'
    )
    return Fault(status=status, headers=HTML_TYPE, body=page, **which)


def server_error(status: int = 500, **which: Any) -> Fault:
    """Send the short JSON of an internal server error."""
    body = '{"error":"Server Error"}'
    return Fault(status=status, headers=JSON_TYPE, body=body, **which)


def primary_limit(reset_in_seconds: int = 60, **which: Any) -> Fault:
    """Send 403: the primary rate limit is exhausted."""
    message = 'API rate limit exceeded for user ID 1.'
    which['reset_in_seconds'] = reset_in_seconds
    return _error_fault(403, message, RATE_LIMIT_DOCUMENTATION, **which)


def secondary_limit(
    retry_after_seconds: int | None = None, status: int = 403, **which: Any
) -> Fault:
    """Refuse with a secondary rate limit, by default without Retry-After."""
    message = (
        'You have exceeded a secondary rate limit. Please wait a few minutes '
        'before you try again.'
    )
    if retry_after_seconds is not None:
        which['headers'] = {'Retry-After': str(retry_after_seconds)}
    return _error_fault(status, message, RATE_LIMIT_DOCUMENTATION, **which)


def refused(status: int, message: str, **which: Any) -> Fault:
    """Send an error in GitHub's usual format, such as a 404."""
    return _error_fault(
        status, message, 'https://docs.github.com/rest', **which
    )


def blocked(**which: Any) -> Fault:
    """Send 451: the repository is blocked by a takedown notice."""
    body = (
        '{"message":"Repository access blocked","block":{"reason":"dmca",'
        '"created_at":"2021-04-22T17:53:56Z",'
        '"html_url":"https://github.com/github/dmca/"}}'
    )
    return Fault(status=451, headers=JSON_TYPE, body=body, **which)


def partial_list(**which: Any) -> Fault:
    """Mark a list as partial: some results need single sign-on."""
    headers = {'X-GitHub-SSO': 'partial-results; organizations=21955855'}
    return Fault(headers=headers, **which)


def missing_link(**which: Any) -> Fault:
    """Send the real response without the Link header."""
    return Fault(removed_headers=('Link',), **which)


def wrong_types(**which: Any) -> Fault:
    """Send 200 and JSON that is neither a list nor an object."""
    return Fault(status=200, headers=JSON_TYPE, body='"ok"', **which)


def redirected(url: str, status: int = 302, **which: Any) -> Fault:
    """Redirect to another URL."""
    return Fault(status=status, headers={'Location': url}, **which)


def graphql_timeout(status: int = 502, **which: Any) -> Fault:
    """Report that the query timed out, with status 502 or 200."""
    body = (
        '{"data":null,"errors":[{"message":"Something went wrong while '
        'executing your query. This may be the result of a timeout, or it '
        'could be a GitHub bug. Please include `AB27:1` when reporting this '
        'issue."}]}'
    )
    return Fault(status=status, headers=JSON_TYPE, body=body, **which)


def page_too_large(size: int, **which: Any) -> Fault:
    """Time out every query for pages of more than this size."""
    which.setdefault('kind', 'graphql:*')
    return graphql_timeout(page_size_above=size, **which)


def graphql_error(
    error_type: str, message: str, *null_path: str | int, **which: Any
) -> Fault:
    """Add an error to the real data and set the value at a path to null."""
    error = {'type': error_type, 'message': message}
    return Fault(error=error, null_path=null_path, **which)


def graphql_rate_limited(**which: Any) -> Fault:
    """Refuse with 200 and the newer message of an exhausted limit."""
    body = (
        '{"errors":[{"type":"RATE_LIMIT","code":"graphql_rate_limit",'
        '"message":"API rate limit already exceeded for user ID 1."}]}'
    )
    return Fault(status=200, headers=JSON_TYPE, body=body, **which)


def _error_fault(
    status: int, message: str, documentation_url: str, **rest: Any
) -> Fault:
    response = error_response(status, message, documentation_url)
    body = response.encode_body().decode()
    rest['headers'] = JSON_TYPE | rest.get('headers', {})
    return Fault(status=status, body=body, **rest)
