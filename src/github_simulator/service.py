"""Respond to requests: authentication, rate limits, faults, ETags."""

import collections
import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from github_simulator import graphql_api, rest_api
from github_simulator.fault_script import FaultScript, apply_fault
from github_simulator.faults import Fault
from github_simulator.http_messages import (
    RATE_LIMIT_DOCUMENTATION,
    Request,
    Response,
    error_response,
    not_found,
)
from github_simulator.limits import Bucket, RateLimits
from github_simulator.rest_items import Call
from github_simulator.rest_paging import PER_PAGE_DEFAULT, positive_parameter
from github_simulator.world import World

DEFAULT_VERSION = '2022-11-28'
NEW_VERSION = '2026-03-10'
GRAPHQL_AUTHENTICATION = (
    'https://docs.github.com/graphql/guides/'
    'forming-calls-with-graphql#authenticating-with-graphql'
)
USER_AGENT_MISSING = (
    b'\r\nRequest forbidden by administrative rules. Please make sure your '
    b'request has a User-Agent header. Missing or invalid User Agent string. '
    b'See https://docs.github.com/rest#user-agent-required\r\n'
)


class Service:
    """Respond to all requests to GitHub's APIs about one world.

    `pause` waits for a number of seconds; it is called without the world's
    lock. `lacking` are fields that the GraphQL schema does not have, such
    as 'Repository.stargazerCount'.
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

    def respond(self, request: Request) -> tuple[Response, Fault | None]:
        """Return the response, and the fault applied to it, if any."""
        query = None
        kind = rest_api.request_kind(request.path)
        page_size = positive_parameter(
            request.parameters, 'per_page', PER_PAGE_DEFAULT
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
            if fault is not None and fault.replaces_response:
                response = fault.response()
                response.headers.update(self._bucket(request, query).headers())
            else:
                response = self._real_response(request, query)
            if fault is not None:
                apply_fault(fault, response, self.limits.clock())
        response.body = response.encode_body()
        return response, fault

    def _real_response(
        self, request: Request, query: graphql_api.Query | None
    ) -> Response:
        if not request.headers.get('user-agent'):
            text = {'Content-Type': 'application/octet-stream'}
            return Response(403, body=USER_AGENT_MISSING, headers=text)
        bucket = self._bucket(request, query)
        if request.token is not None and not self._is_known(request):
            bucket.take(1)
            response = error_response(401, 'Bad credentials')
        elif query is not None:
            response = self._graphql(request, query, bucket)
        else:
            response = self._rest(request, bucket)
        response.headers.update(bucket.headers())
        return response

    def _graphql(
        self, request: Request, query: graphql_api.Query, bucket: Bucket
    ) -> Response:
        if request.token is None:
            return error_response(
                401,
                'This endpoint requires you to be authenticated.',
                GRAPHQL_AUTHENTICATION,
            )
        return graphql_api.respond(query, self.world, bucket)

    def _rest(self, request: Request, bucket: Bucket) -> Response:
        version = request.headers.get('x-github-api-version', DEFAULT_VERSION)
        if version not in (DEFAULT_VERSION, NEW_VERSION):
            return error_response(
                400, f"The API version '{version}' is not supported."
            )
        if request.path == '/rate_limit':
            return self._rate_limits(request, version)
        if not bucket.take(1):
            return _rate_limited(request)
        is_authenticated = request.token is not None
        response = rest_api.respond(
            Call(request, self.world, is_authenticated)
        )
        response.headers['X-GitHub-Api-Version-Selected'] = version
        if version == NEW_VERSION:
            _remove_downloads(response.data)
        if response.status == 200 and _is_unchanged(request, response):
            self.requests['rest:not_modified'] += 1
            if is_authenticated:
                bucket.used -= 1
        return response

    def _rate_limits(self, request: Request, version: str) -> Response:
        if self.limits.hourly is None:
            return not_found()
        core = self._bucket(request, None).summary()
        graphql = self._bucket_of(request, 'graphql').summary()
        data: dict[str, Any] = {
            'resources': {'core': core, 'graphql': graphql}
        }
        if version == DEFAULT_VERSION:
            data['rate'] = core
        return Response(data=data)

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


def _rate_limited(request: Request) -> Response:
    if request.token is not None:
        message = 'API rate limit exceeded for user ID 1.'
    else:
        message = (
            f'API rate limit exceeded for {request.caller}. (But here\'s the '
            'good news: Authenticated requests get a higher rate limit. Check '
            'out the documentation for more details.)'
        )
    return error_response(403, message, RATE_LIMIT_DOCUMENTATION)


def _is_unchanged(request: Request, response: Response) -> bool:
    """Set the ETag; turn the response into a 304 if the client has it."""
    response.body = response.encode_body()
    etag = _etag(request, response.body)
    response.headers['ETag'] = etag
    known = request.headers.get('if-none-match', '')
    if known.strip() != '*' and etag not in (
        part.strip() for part in known.split(',')
    ):
        return False
    response.status = 304
    response.body = b''
    return True


def _etag(request: Request, body: bytes) -> str:
    representation = [
        request.base_url,
        request.path,
        request.query,
        *(
            request.headers.get(name, '')
            for name in ('accept', 'authorization', 'x-github-api-version')
        ),
    ]
    text = '\n'.join(representation).encode() + b'\n' + body
    return f'W/"{hashlib.sha256(text).hexdigest()}"'


def _remove_downloads(data: Any) -> None:
    """Remove the field that the newer API version does not have."""
    for item in data if isinstance(data, list) else [data]:
        item.pop('has_downloads', None)
