"""Script what goes wrong: which requests fail, and how.

The functions below make the cases GitHub is known for. Each takes, besides
its own, the fields of `Fault` that say which requests are hit, such as
`secondary_limit(kind='rest:list', first=2, last=3)`.
"""

import copy
import fnmatch
import gzip
import json
import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from github_simulator.dice import Dice
from github_simulator.exchange import Answer, Request, refusal

RATE_LIMITS = (
    'https://docs.github.com/rest/using-the-rest-api/'
    'rate-limits-for-the-rest-api'
)
JSON_TYPE = {'Content-Type': 'application/json; charset=utf-8'}
HTML_TYPE = {'Content-Type': 'text/html; charset=utf-8'}


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """A fault and the requests it hits.

    Which: `kind` is a kind of request or a pattern such as 'rest:*', `text`
    a regular expression searched in `path?query` and the body, `token` the
    token sent; of the requests that fit, those numbered `first` to `last`
    (from 1; None: no end) are hit, with `probability` drawn from `seed`,
    and only where more than `page_size_above` a page are asked for.

    What: after `delay_seconds` the answer has `status`, `headers` and
    `body`. Without status and body it is the genuine answer with these
    headers, but for the `hidden` ones, `error` added to its GraphQL errors
    and the value at `null_path` below `data` made null. `reset_in_seconds`
    shows a used-up primary limit. `broken` is 'reset' (the connection is
    reset before the answer), 'truncated' (it ends in the middle of the
    body), 'slow headers' or 'slow body' (a byte every twentieth of a
    second).

    `raw` replaces the value at `path` of a genuine answer, and need not be
    valid JSON. With `inflated_bytes` the body is that many spaces, as gzip.
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
    hidden: tuple[str, ...] = ()
    reset_in_seconds: int | None = None
    broken: str = ''
    path: tuple[str | int, ...] = ()
    raw: str | None = None
    inflated_bytes: int = 0

    def __post_init__(self) -> None:
        """Refuse a pattern that could never be searched."""
        re.compile(self.text)

    @property
    def is_complete(self) -> bool:
        """Say whether the fault is all of the answer."""
        return (
            self.status is not None
            or self.body is not None
            or self.inflated_bytes > 0
        )

    def answer(self) -> Answer:
        """Return the answer the fault stands for."""
        body = (self.body or '').encode()
        if self.inflated_bytes:
            body = gzip.compress(b' ' * self.inflated_bytes, compresslevel=1)
        return Answer(self.status or 200, body=body)

    def spoil(self, answer: Answer, now: float) -> None:
        """Add to an answer what the fault adds; now is in epoch seconds."""
        if self.reset_in_seconds is not None:
            reset = str(int(now) + self.reset_in_seconds)
            answer.headers['X-RateLimit-Remaining'] = '0'
            answer.headers['X-RateLimit-Reset'] = reset
        answer.headers.update(self.headers)
        for name in self.hidden:
            answer.headers.pop(name, None)
        if self.raw is not None and answer.data is not None:
            answer.body = rewritten(answer.data, self.path, self.raw)
        if self.error is not None and _has_data(answer):
            place: Any = answer.data['data']
            for step in self.null_path[:-1]:
                place = place[step]
            error = dict(self.error)
            if self.null_path:
                place[self.null_path[-1]] = None
                error['path'] = list(self.null_path)
            answer.data.setdefault('errors', []).append(error)


class FaultScript:
    """Hold the faults to come, in order; the first that fits is taken."""

    def __init__(self) -> None:
        self._faults: list[tuple[Fault, list[int]]] = []

    def add(self, *faults: Fault) -> None:
        """Add faults behind those there are."""
        self._faults += [(fault, [0]) for fault in faults]

    def clear(self) -> None:
        """Forget all faults."""
        self._faults.clear()

    def next(
        self, request: Request, kind: str, page_size: int
    ) -> Fault | None:
        """Return the fault this request meets, and count the occurrence."""
        for fault, occurrences in self._faults:
            if not _fits(fault, request, kind, page_size):
                continue
            occurrences[0] += 1
            number = occurrences[0]
            is_due = fault.first <= number and (
                fault.last is None or number <= fault.last
            )
            dice = Dice(fault.seed, 'fault', number)
            if is_due and dice.chance(fault.probability):
                return fault
        return None


def _fits(fault: Fault, request: Request, kind: str, page_size: int) -> bool:
    if not fnmatch.fnmatchcase(kind, fault.kind):
        return False
    if fault.token is not None and fault.token != request.token:
        return False
    if page_size <= fault.page_size_above and fault.page_size_above:
        return False
    body = request.body.decode(errors='replace')
    text = f'{request.path}?{request.query}\n{body}'
    return re.search(fault.text, text) is not None


def rewritten(data: Any, path: tuple[str | int, ...], raw: str) -> bytes:
    """Return JSON with the value at a path replaced by any text.

    The JSON is unchanged when there is nothing at the path.
    """
    whole = [copy.deepcopy(data)]
    place: Any = whole
    *steps, last = 0, *path
    mark = '(rewritten)'
    with suppress(LookupError, TypeError):
        for step in steps:
            place = place[step]
        place[last] = mark
    text = json.dumps(whole[0], ensure_ascii=False, separators=(',', ':'))
    return text.replace(f'"{mark}"', raw).encode()


def _has_data(answer: Answer) -> bool:
    return isinstance(answer.data, dict) and bool(answer.data.get('data'))


def hang(seconds: float, **which: Any) -> Fault:
    """Answer genuinely, but only after so many seconds."""
    return Fault(delay_seconds=seconds, **which)


def reset_connection(**which: Any) -> Fault:
    """Reset the connection instead of answering."""
    return Fault(broken='reset', **which)


def truncated_body(**which: Any) -> Fault:
    """Break off in the middle of the genuine body."""
    return Fault(broken='truncated', **which)


def slow_headers(**which: Any) -> Fault:
    """Send the answer a byte at a time, from the first header on."""
    return Fault(broken='slow headers', **which)


def slow_body(**which: Any) -> Fault:
    """Send the body a byte at a time."""
    return Fault(broken='slow body', **which)


def gzip_bomb(inflated_bytes: int, **which: Any) -> Fault:
    """Answer with a body a thousand times larger than what is sent."""
    headers = JSON_TYPE | {'Content-Encoding': 'gzip'}
    return Fault(inflated_bytes=inflated_bytes, headers=headers, **which)


def replaced(path: tuple[str | int, ...], raw: str, **which: Any) -> Fault:
    """Answer genuinely, except for the value at a path: any text."""
    return Fault(path=path, raw=raw, **which)


def malformed_json(**which: Any) -> Fault:
    """Answer 200 with JSON that ends early, its length being right."""
    return Fault(status=200, headers=JSON_TYPE, body='[{"id": 1, ', **which)


def empty_body(**which: Any) -> Fault:
    """Answer 200 with nothing in it."""
    return Fault(status=200, headers=JSON_TYPE, body='', **which)


def html_error(status: int = 502, **which: Any) -> Fault:
    """Answer with the page of a proxy instead of JSON."""
    page = (
        f'<html>\r\n<head><title>{status} Bad Gateway</title></head>\r\n'
        f'<body><center><h1>{status} Bad Gateway</h1></center></body>\r\n'
        '</html>\r\n'
    )
    return Fault(status=status, headers=HTML_TYPE, body=page, **which)


def server_error(status: int = 500, **which: Any) -> Fault:
    """Answer with the short JSON of a server that failed."""
    body = '{"error":"Server Error"}'
    return Fault(status=status, headers=JSON_TYPE, body=body, **which)


def primary_limit(reset_in_seconds: int = 60, **which: Any) -> Fault:
    """Refuse with 403: the hour's requests are used up."""
    message = 'API rate limit exceeded for user ID 1.'
    return _refusing(
        403,
        message,
        RATE_LIMITS,
        reset_in_seconds=reset_in_seconds,
        **which,
    )


def secondary_limit(
    retry_after_seconds: int | None = None, status: int = 403, **which: Any
) -> Fault:
    """Refuse for too many requests at once; without seconds by text only."""
    message = (
        'You have exceeded a secondary rate limit. Please wait a few minutes '
        'before you try again.'
    )
    if retry_after_seconds is not None:
        headers = {'Retry-After': str(retry_after_seconds)}
        return _refusing(
            status, message, RATE_LIMITS, headers=headers, **which
        )
    return _refusing(status, message, RATE_LIMITS, **which)


def refused(status: int, message: str, **which: Any) -> Fault:
    """Refuse with a message in GitHub's usual form, such as a 404."""
    return _refusing(status, message, 'https://docs.github.com/rest', **which)


def blocked(**which: Any) -> Fault:
    """Answer 451: the repository is blocked after a takedown notice."""
    body = (
        '{"message":"Repository access blocked","block":{"reason":"dmca",'
        '"created_at":"2021-04-22T17:53:56Z",'
        '"html_url":"https://github.com/github/dmca/"}}'
    )
    return Fault(status=451, headers=JSON_TYPE, body=body, **which)


def partial_list(**which: Any) -> Fault:
    """Mark a genuine list as one that hides what needs single sign-on."""
    headers = {'X-GitHub-SSO': 'partial-results; organizations=21955855'}
    return Fault(headers=headers, **which)


def missing_link(**which: Any) -> Fault:
    """Answer genuinely, but do not say where the list goes on."""
    return Fault(hidden=('Link',), **which)


def wrong_types(**which: Any) -> Fault:
    """Answer 200 with JSON that is neither a list nor an object."""
    return Fault(status=200, headers=JSON_TYPE, body='"ok"', **which)


def redirected(url: str, status: int = 302, **which: Any) -> Fault:
    """Redirect elsewhere."""
    return Fault(status=status, headers={'Location': url}, **which)


def graphql_timeout(status: int = 502, **which: Any) -> Fault:
    """Let the query run out of time; GitHub says so with 502 or 200."""
    body = (
        '{"data":null,"errors":[{"message":"Something went wrong while '
        'executing your query. This may be the result of a timeout, or it '
        'could be a GitHub bug. Please include `AB27:1` when reporting this '
        'issue."}]}'
    )
    return Fault(status=status, headers=JSON_TYPE, body=body, **which)


def page_too_large(size: int, **which: Any) -> Fault:
    """Let every query run out of time that asks for more than so many."""
    which.setdefault('kind', 'graphql:*')
    return graphql_timeout(page_size_above=size, **which)


def graphql_error(
    error_type: str, message: str, *null_path: str | int, **which: Any
) -> Fault:
    """Add an error to genuine data; the value at the path becomes null."""
    error = {'type': error_type, 'message': message}
    return Fault(error=error, null_path=null_path, **which)


def graphql_rate_limited(**which: Any) -> Fault:
    """Refuse with 200 and the newer wording of a used-up limit."""
    body = (
        '{"errors":[{"type":"RATE_LIMIT","code":"graphql_rate_limit",'
        '"message":"API rate limit already exceeded for user ID 1."}]}'
    )
    return Fault(status=200, headers=JSON_TYPE, body=body, **which)


def _refusing(
    status: int, message: str, documentation_url: str, **rest: Any
) -> Fault:
    body = refusal(status, message, documentation_url).encoded().decode()
    rest['headers'] = JSON_TYPE | rest.get('headers', {})
    return Fault(status=status, body=body, **rest)
