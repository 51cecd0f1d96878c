"""Derive and compare URLs of GitHub's API."""

from urllib.parse import urlsplit


def graphql_url(api_url: str) -> str:
    """Return the URL of GraphQL, given the root of REST.

    Enterprise Server has REST at /api/v3 and GraphQL at /api/graphql:
    https://docs.github.com/en/graphql/guides/forming-calls-with-graphql
    """
    if api_url.endswith('/api/v3'):
        return api_url.removesuffix('/v3') + '/graphql'
    return f'{api_url}/graphql'


def origin(url: str) -> tuple[str, str, str | None, int | None]:
    """Return scheme, user, host and port, normalized for comparison.

    https://www.rfc-editor.org/rfc/rfc9110#section-4.2.3
    """
    parts = urlsplit(url)
    user, _, _ = parts.netloc.rpartition('@')
    default = {'http': 80, 'https': 443}.get(parts.scheme)
    return parts.scheme, user, parts.hostname, parts.port or default
