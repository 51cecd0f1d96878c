"""The minimum work of an ingest: read every page and discard it.

    python -m benchmarks.download json http://127.0.0.1:8000 company-1
    python -m benchmarks.download observations http://127.0.0.1:8000 company-1

`json` uses requests and the standard library, `observations` the client of
the product.
"""

import json
import sys
from collections.abc import Iterator

import requests
from benchmarks.pages import PAGE

from github_warehouse.config import read_settings
from github_warehouse.github.accounts import read_account
from github_warehouse.github.client import Cost, GitHubClient
from github_warehouse.github.fields import read_query
from github_warehouse.github.graphql import GraphQLSource
from github_warehouse.github.session import GitHubSession


def main() -> None:
    """Read every page of the given companies."""
    what, url, *logins = sys.argv[1:]
    print(
        _parse(url, logins) if what == 'json' else _observe(url, logins),
        'repositories',
    )


def _parse(url: str, logins: list[str]) -> int:
    return sum(len(nodes) for login in logins for nodes in _pages(url, login))


def _pages(url: str, login: str) -> Iterator[list[object]]:
    variables: dict[str, object] = {
        'login': login,
        'first': PAGE,
        'order': {'field': 'CREATED_AT', 'direction': 'ASC'},
    }
    payload = {'query': read_query('owner_repositories')}
    with requests.Session() as session:
        session.trust_env = False
        while True:
            answer = session.post(
                f'{url}/graphql',
                json={**payload, 'variables': variables},
                timeout=60,
            )
            owner = json.loads(answer.content)['data']['repositoryOwner']
            yield owner['repositories']['nodes']
            info = owner['repositories']['pageInfo']
            if not info['hasNextPage']:
                return
            variables['after'] = info['endCursor']


def _observe(url: str, logins: list[str]) -> int:
    settings = read_settings({'GITHUB_API_URL': url, 'GITHUB_TOKEN': 'none'})
    read = 0
    with GitHubClient(settings) as client:
        for login in logins:
            token = client.tokens.tokens[0]
            session = GitHubSession(client, token, 'graphql', Cost())
            account = read_account(session, login)
            assert account is not None
            source = GraphQLSource(session)
            read += sum(1 for _ in source.observations(account, None))
    return read


if __name__ == '__main__':
    main()
