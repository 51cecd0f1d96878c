"""Pass requests and answers between the HTTP server and the APIs."""

import json
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# What REST paths begin with on an Enterprise Server.
ENTERPRISE_PREFIX = '/api/v3'
DOCUMENTATION = 'https://docs.github.com/rest'


@dataclass(slots=True)
class Request:
    """A request, its path without the prefix of an Enterprise Server.

    `base_url` is what the URLs in answers begin with, prefix included;
    header names are in lower case.
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
        """Return the query parameters; the last of equals counts."""
        return dict(urllib.parse.parse_qsl(self.query))

    @property
    def token(self) -> str | None:
        """Return the token sent as `Bearer` or `token`, if any.

        Any other credentials are returned whole: no token equals them.
        """
        sent = self.headers.get('authorization')
        if sent is None:
            return None
        scheme, _, token = sent.partition(' ')
        return token.strip() if scheme.lower() in ('bearer', 'token') else sent

    @property
    def is_graphql(self) -> bool:
        """Say whether the request is for GraphQL, here or as on a server."""
        is_rest_only = self.base_url.endswith(ENTERPRISE_PREFIX)
        is_path = self.path in ('/graphql', '/api/graphql')
        return self.method == 'POST' and is_path and not is_rest_only


@dataclass(slots=True)
class Answer:
    """An answer; `data` is what its JSON body holds, else `body` is sent."""

    status: int = 200
    data: Any = None
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        """Return the body to send, JSON as compact as GitHub's."""
        if self.body is not None:
            return self.body
        return json.dumps(
            self.data, ensure_ascii=False, separators=(',', ':')
        ).encode()


def refusal(
    status: int, message: str, documentation_url: str = DOCUMENTATION
) -> Answer:
    """Return an error as GitHub words it; the status is a string there."""
    return Answer(
        status,
        {
            'message': message,
            'documentation_url': documentation_url,
            'status': str(status),
        },
    )


def not_found() -> Answer:
    """Return what GitHub says of everything absent or hidden."""
    return refusal(404, 'Not Found')
