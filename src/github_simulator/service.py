"""Turn a request into an answer: who asks, what for, how much is left."""

import collections
import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from github_simulator import graphql_api, rest_api
from github_simulator.exchange import (
    Answer,
    Request,
    not_found,
    refusal,
)
from github_simulator.faults import Fault, FaultScript
from github_simulator.limits import Bucket, RateLimits
from github_simulator.links import whole_parameter
from github_simulator.world import World

DEFAULT_VERSION = '2022-11-28'
NEW_VERSION = '2026-03-10'
RATE_LIMITS = (
    'https://docs.github.com/rest/using-the-rest-api/'
    'rate-limits-for-the-rest-api'
)
GRAPHQL_AUTHENTICATION = (
    'https://docs.github.com/graphql/guides/'
    'forming-calls-with-graphql#authenticating-with-graphql'
)
USER_AGENT_NEEDED = (
    b'\r\nRequest forbidden by administrative rules. Please make sure your '
    b'request has a User-Agent header. Missing or invalid User Agent string. '
    b'See https://docs.github.com/rest#user-agent-required\r\n'
)


class Service:
    """Answer every request to GitHub's APIs about one world.

    `pause` waits so many seconds; it is called without the world's lock.
    `lacking` names fields, such as 'Repository.stargazerCount', that the
    schema does not have.
    """

    def __init__(
        self,
        world: World,
        tokens: Sequence[str],
        limits: RateLimits,
        pause: Callable[[float], object],
        lacking: frozenset[str],
    ) -> None:
        self.world = world
        self.tokens = tokens
        self.limits = limits
        self.pause = pause
        self.lacking = lacking
        self.requests: collections.Counter[str] = collections.Counter()
        self.faults = FaultScript()

    def answer(self, request: Request) -> tuple[Answer, Fault | None]:
        """Return the answer, and the fault it met where it met one."""
        query = None
        kind = rest_api.kind_of(request.path)
        page_size = whole_parameter(
            request.parameters, 'per_page', rest_api.PER_PAGE_DEFAULT
        )
        if request.is_graphql:
            query = graphql_api.read_query(request, self.lacking)
            kind, page_size = query.kind, query.plan.page_size
        with self.world.lock:
            self.requests[kind] += 1
            fault = self.faults.next(request, kind, page_size)
        if fault is not None:
            self.pause(fault.delay_seconds)
        with self.world.lock:
            if fault is not None and fault.is_complete:
                answer = fault.answer()
                answer.headers.update(self._bucket(request, query).headers())
            else:
                answer = self._genuine(request, query)
            if fault is not None:
                fault.spoil(answer, self.limits.clock())
        answer.body = answer.encoded()
        return answer, fault

    def _genuine(
        self, request: Request, query: graphql_api.Query | None
    ) -> Answer:
        if not request.headers.get('user-agent'):
            text = {'Content-Type': 'application/octet-stream'}
            return Answer(403, body=USER_AGENT_NEEDED, headers=text)
        bucket = self._bucket(request, query)
        if request.token is not None and not self._is_known(request):
            bucket.take(1)
            answer = refusal(401, 'Bad credentials')
        elif query is not None:
            answer = self._graphql(request, query, bucket)
        else:
            answer = self._rest(request, bucket)
        answer.headers.update(bucket.headers())
        return answer

    def _graphql(
        self, request: Request, query: graphql_api.Query, bucket: Bucket
    ) -> Answer:
        if request.token is None:
            return refusal(
                401,
                'This endpoint requires you to be authenticated.',
                GRAPHQL_AUTHENTICATION,
            )
        return graphql_api.answer(query, self.world, bucket)

    def _rest(self, request: Request, bucket: Bucket) -> Answer:
        version = request.headers.get('x-github-api-version', DEFAULT_VERSION)
        if version not in (DEFAULT_VERSION, NEW_VERSION):
            return refusal(
                400, f"The API version '{version}' is not supported."
            )
        if request.path == '/rate_limit':
            return self._rate_limits(request, version)
        if not bucket.take(1):
            return _used_up(request)
        is_authenticated = request.token is not None
        answer = rest_api.answer(
            rest_api.Call(request, self.world, is_authenticated)
        )
        answer.headers['X-GitHub-Api-Version-Selected'] = version
        if version == NEW_VERSION:
            _drop_downloads(answer.data)
        if answer.status == 200 and self._is_unchanged(request, answer):
            self.requests['rest:not_modified'] += 1
            if is_authenticated:
                bucket.used -= 1
        return answer

    def _is_unchanged(self, request: Request, answer: Answer) -> bool:
        """Give the answer its ETag, and make it a 304 where that is known."""
        answer.body = answer.encoded()
        representation = [
            request.base_url,
            request.path,
            request.query,
            *(
                request.headers.get(name, '')
                for name in ('accept', 'authorization', 'x-github-api-version')
            ),
        ]
        text = '\n'.join(representation).encode() + b'\n' + answer.body
        etag = f'W/"{hashlib.sha256(text).hexdigest()}"'
        answer.headers['ETag'] = etag
        known = request.headers.get('if-none-match', '')
        if known.strip() != '*' and etag not in (
            part.strip() for part in known.split(',')
        ):
            return False
        answer.status = 304
        answer.body = b''
        return True

    def _rate_limits(self, request: Request, version: str) -> Answer:
        if self.limits.hourly is None:
            return not_found()
        core = self._bucket(request, None).summary()
        graphql = self._bucket_of(request, 'graphql').summary()
        data: dict[str, Any] = {
            'resources': {'core': core, 'graphql': graphql}
        }
        if version == DEFAULT_VERSION:
            data['rate'] = core
        return Answer(data=data)

    def _is_known(self, request: Request) -> bool:
        return request.token in self.tokens

    def _bucket(
        self, request: Request, query: graphql_api.Query | None
    ) -> Bucket:
        return self._bucket_of(request, 'core' if query is None else 'graphql')

    def _bucket_of(self, request: Request, resource: str) -> Bucket:
        is_known = self._is_known(request)
        caller = request.token if is_known else request.caller
        return self.limits.bucket(str(caller), not is_known, resource)


def _used_up(request: Request) -> Answer:
    if request.token is not None:
        message = 'API rate limit exceeded for user ID 1.'
    else:
        message = (
            f'API rate limit exceeded for {request.caller}. (But here\'s the '
            'good news: Authenticated requests get a higher rate limit. Check '
            'out the documentation for more details.)'
        )
    return refusal(403, message, RATE_LIMITS)


def _drop_downloads(data: Any) -> None:
    """Leave out what the newer version of the API no longer has."""
    for item in data if isinstance(data, list) else [data]:
        item.pop('has_downloads', None)
