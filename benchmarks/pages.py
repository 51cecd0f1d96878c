"""A minimal GitHub that serves pages of any number of repositories.

It computes the GraphQL response for any page of a company's list. The
simulated GitHub would take ten times as long as the client that reads it, and
would keep all repositories in memory.
"""

import json
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection as Pipe
from typing import Any

PAGE = 100
# the number of languages of 25 repositories: 4.24 on average
_LANGUAGES = (0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 6, 6, 6)
_MORE_LANGUAGES = (7, 7, 8, 8, 9)
_SHARES = (60, 20, 12, 6, 2)


@dataclass(frozen=True)
class Company:
    """A company with consecutive repository numbers from `first`."""

    company_id: int
    login: str
    first: int
    count: int


def companies(repositories: int) -> list[Company]:
    """Divide repositories among five companies."""
    found = []
    first = 1
    for number, share in enumerate(_SHARES, 1):
        count = repositories * share // 100
        found.append(Company(number, f'company-{number}', first, count))
        first += count
    return found


def page(company: Company, cursor: str | None) -> dict[str, Any]:
    """Return the response for one page of a company's list."""
    start = int(cursor or 0)
    end = min(start + PAGE, company.count)
    return {
        'data': {
            'rateLimit': {'cost': 1, 'remaining': 4999},
            'repositoryOwner': {
                '__typename': 'Organization',
                'login': company.login,
                'databaseId': company.company_id,
                'repositories': {
                    'totalCount': company.count,
                    'pageInfo': {
                        'hasNextPage': end < company.count,
                        'endCursor': str(end),
                    },
                    'nodes': [
                        _node(company, company.first + number)
                        for number in range(start, end)
                    ],
                },
            },
        }
    }


def _node(company: Company, number: int) -> dict[str, Any]:
    counts = _LANGUAGES + _MORE_LANGUAGES
    return {
        'id': f'R_kgDO{number:08X}',
        'databaseId': number,
        'name': f'repository-{number}',
        'nameWithOwner': f'{company.login}/repository-{number}',
        'isPrivate': False,
        'isFork': number % 7 == 0,
        'isArchived': number % 10 == 0,
        'createdAt': '2019-04-01T10:20:30Z',
        'updatedAt': f'2025-01-{1 + number % 28:02}T11:12:13Z',
        'pushedAt': f'2025-01-{1 + number % 28:02}T11:12:14Z',
        'stargazerCount': number * 31 % 5003,
        'forkCount': number * 17 % 701,
        'issues': {'totalCount': number * 7 % 97},
        'pullRequests': {'totalCount': number * 5 % 31},
        'primaryLanguage': {'name': f'Language {number % 300}'},
        'licenseInfo': {'spdxId': 'Apache-2.0'},
        'languages': {
            'pageInfo': {'hasNextPage': False, 'endCursor': None},
            'edges': [
                {
                    'size': 1000 + (number * 7919 + k) % 900_000,
                    'node': {'name': f'Language {(number + 37 * k) % 300}'},
                }
                for k in range(counts[number * 13 % len(counts)])
            ],
        },
    }


@contextmanager
def serve_pages(repositories: int) -> Iterator[str]:
    """Serve the pages from a separate process; yield the root URL."""
    receiver, sender = multiprocessing.Pipe()
    process = multiprocessing.Process(
        target=_serve, args=(repositories, sender)
    )
    process.start()
    try:
        yield f'http://127.0.0.1:{receiver.recv()}'
    finally:
        process.kill()
        process.join()


def _serve(repositories: int, pipe: Pipe) -> None:
    by_login = {each.login: each for each in companies(repositories)}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = 'HTTP/1.1'
        disable_nagle_algorithm = True
        wbufsize = -1

        def do_GET(self) -> None:
            company = by_login[self.path.rpartition('/')[2]]
            self._answer(
                {
                    'id': company.company_id,
                    'login': company.login,
                    'type': 'Organization',
                }
            )

        def do_POST(self) -> None:
            length = int(self.headers['Content-Length'])
            variables = json.loads(self.rfile.read(length))['variables']
            self._answer(
                page(by_login[variables['login']], variables.get('after'))
            )

        def _answer(self, answer: dict[str, Any]) -> None:
            body = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header('Content-Type', 'application/json')
            self.send_header('Content-Length', str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()

        def log_message(self, *args: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    pipe.send(server.server_address[1])
    server.serve_forever()
