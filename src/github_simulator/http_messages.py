"""HTTP requests and responses, as the server and the APIs exchange them."""

import json
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Prefix of REST paths on an Enterprise Server.
ENTERPRISE_PREFIX = '/api/v3'
DOCUMENTATION = 'https://docs.github.com/rest'
RATE_LIMIT_DOCUMENTATION = (
    'https://docs.github.com/rest/using-the-rest-api/'
    'rate-limits-for-the-rest-api'
)


@dataclass(slots=True)
class Request:
    """A request, its path without the prefix of an Enterprise Server.

    `base_url` is the prefix of URLs in responses and includes the prefix
    of an Enterprise Server. Header names are in lower case. `caller` is the
    client's IP address.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    base_url: str
    caller: str

    @property
    def parameters(self) -> dict[str, str]:
        """Return the query parameters; the last of duplicates wins."""
        return dict(urllib.parse.parse_qsl(self.query))

    @property
    def token(self) -> str | None:
        """Return the token sent as `Bearer` or `token`, if any.

        Other credentials are returned whole, so they match no token.
        """
        sent = self.headers.get('authorization')
        if sent is None:
            return None
        scheme, _, token = sent.partition(' ')
        return token.strip() if scheme.lower() in ('bearer', 'token') else sent

    @property
    def is_graphql(self) -> bool:
        """Return whether this is a GraphQL request.

        GraphQL is at `/graphql` on github.com and at `/api/graphql` on an
        Enterprise Server.
        """
        is_rest_only = self.base_url.endswith(ENTERPRISE_PREFIX)
        is_path = self.path in ('/graphql', '/api/graphql')
        return self.method == 'POST' and is_path and not is_rest_only


@dataclass(slots=True)
class Response:
    """A response; `body` is sent if it is set, otherwise `data` as JSON."""

    status: int = 200
    data: Any = None
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def encode_body(self) -> bytes:
        """Return the body to send, JSON as compact as GitHub's."""
        if self.body is not None:
            return self.body
        return json.dumps(
            self.data, ensure_ascii=False, separators=(',', ':')
        ).encode()


def error_response(
    status: int, message: str, documentation_url: str = DOCUMENTATION
) -> Response:
    """Return an error in GitHub's format, with the status as a string."""
    return Response(
        status,
        {
            'message': message,
            'documentation_url': documentation_url,
            'status': str(status),
        },
    )


def not_found() -> Response:
    """Return GitHub's response for what does not exist or is private."""
    return error_response(404, 'Not Found')
