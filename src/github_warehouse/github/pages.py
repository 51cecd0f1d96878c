"""Pages of a company's repositories by GraphQL, and how large they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from github_warehouse.errors import AnswerError
from github_warehouse.github import nodes, parse
from github_warehouse.github.answers import QueryAnswer
from github_warehouse.model import Account

LARGEST_PAGE = 100
# So many pages in a row must come before a larger one is tried again.
_PAGES_BEFORE_GROWTH = 10


@dataclass(frozen=True)
class Page:
    """One page of a company's repositories."""

    owner: Account
    total: int
    nodes: Sequence[dict[str, Any] | None]
    next_cursor: str | None
    problems: list[str]


class PageSize:
    """How many repositories are asked for: as many as GitHub bears."""

    def __init__(self) -> None:
        self.size = LARGEST_PAGE
        self._in_a_row = 0

    def shrink(self) -> None:
        """Halve it: a page was too large."""
        self.size = max(1, self.size // 2)
        self._in_a_row = 0

    def grow(self) -> None:
        """Note a page that came; after some, double the size again."""
        self._in_a_row += 1
        if self._in_a_row >= _PAGES_BEFORE_GROWTH:
            self.size = min(LARGEST_PAGE, self.size * 2)
            self._in_a_row = 0


def read_page(answer: QueryAnswer, login: str) -> Page | None:
    """Read a page; None where there is no account of that login.

    Raises:
        AnswerError: GitHub does not show it.
    """
    if answer.data.get('repositoryOwner') is None:
        if answer.problems:
            raise AnswerError(
                f'GitHub does not show {login}: {answer.problems[0]}'
            )
        return None
    owner = answer.data['repositoryOwner']
    listed = owner['repositories']
    info = listed['pageInfo']
    damaged = answer.damaged('repositoryOwner', 'repositories', 'nodes')
    return Page(
        nodes.account(owner),
        parse.count(listed['totalCount'], 'totalCount'),
        [
            None if place in damaged else node
            for place, node in enumerate(listed['nodes'] or ())
        ],
        info['endCursor'] if info['hasNextPage'] else None,
        answer.problems,
    )
