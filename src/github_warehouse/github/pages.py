"""Pages of a company's repositories: how large they are, and how many."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from github_warehouse.errors import AnswerError, MalformedError
from github_warehouse.github import nodes, parse
from github_warehouse.github.answers import QueryAnswer
from github_warehouse.model import Account

LARGEST_PAGE = 100
# Ten times what GitHub lets an account have.
_LONGEST_LIST = 1_000_000
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


def check_length(asked: int, told: int | None, what: str) -> None:
    """Refuse to follow a list far beyond what GitHub says it holds.

    Args:
        asked: how many items the pages requested so far have room for.
        told: how many there are, as GitHub says; None where it does not say.
        what: the list, for the message.

    Raises:
        AnswerError: the list does not end.
    """
    most = _LONGEST_LIST if told is None else min(told, _LONGEST_LIST)
    # it may grow while it is read, and pages may not be full
    if is_longer_than_expected(asked, most):
        raise AnswerError(
            f'{what} goes on after {asked:,} items, and GitHub says that it '
            f'holds {"no number" if told is None else f"{told:,}"}: it leads '
            'in circles'
        )


def is_longer_than_expected(asked: int, expected: int) -> bool:
    """Tell whether a list goes on far beyond what it was known to hold.

    Then what its pages say of its length is compared with the account.

    Args:
        asked: how many items the pages requested so far have room for.
        expected: how many the account had.
    """
    return asked > 2 * expected + 10 * LARGEST_PAGE


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
            (
                None
                if place in damaged or node is None
                else parse.record(node, 'a repository')
            )
            for place, node in enumerate(_list(listed['nodes'] or []))
        ],
        next_cursor(info),
        answer.problems,
    )


def next_cursor(info: dict[str, Any]) -> str | None:
    """Return where a list goes on; None where it ends.

    Raises:
        MalformedError: it goes on, but GitHub does not say where.
    """
    if not info['hasNextPage']:
        return None
    return parse.text(info['endCursor'], 'the cursor of a page')


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise MalformedError(
            f'GitHub gave {type(value).__name__} for a list of repositories'
        )
    return value
