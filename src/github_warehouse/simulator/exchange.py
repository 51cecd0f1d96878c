"""Pass requests and answers between the HTTP server and the APIs."""

import json
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

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
        """Return the token sent as `Bearer` or `token`, if any."""
        scheme, _, token = self.headers.get('authorization', '').partition(' ')
        if scheme.lower() in ('bearer', 'token'):
            return token.strip()
        return scheme or None


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
