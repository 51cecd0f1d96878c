"""Pages of a company's repositories: their size, number and contents."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from github_warehouse.errors import AnswerError, MalformedError
from github_warehouse.github import nodes, parse
from github_warehouse.github.answers import QueryAnswer
from github_warehouse.model import Account

LARGEST_PAGE = 100
# Ten times the number of repositories that GitHub allows an account.
_LONGEST_LIST = 1_000_000
# Number of pages read in a row after which a larger one is tried again.
_PAGES_BEFORE_GROWTH = 10


@dataclass(frozen=True)
class Page:
    """One page of a company's repositories.

    Attributes:
        owner: the company.
        total: number of repositories in the whole list.
        nodes: the repositories as JSON objects; None for damaged ones.
        next_cursor: where the next page starts; None on the last page.
        problems: messages of the errors in the answer.
    """

    owner: Account
    total: int
    nodes: Sequence[dict[str, Any] | None]
    next_cursor: str | None
    problems: list[str]


def check_length(requested: int, total: int | None, name: str) -> None:
    """Check that a list does not continue far beyond its total.

    Args:
        requested: number of items that the pages requested so far can hold.
        total: number of items according to GitHub; None when unknown.
        name: the list, for the message.

    Raises:
        AnswerError: it does.
    """
    limit = _LONGEST_LIST if total is None else min(total, _LONGEST_LIST)
    # the list may grow while it is read, and pages may be partly filled
    if is_longer_than_expected(requested, limit):
        reported = 'no total' if total is None else f'{total:,}'
        raise AnswerError(
            f'{name} does not end: {requested:,} items were requested, but '
            f'GitHub reports {reported}; run again later'
        )


def is_longer_than_expected(requested: int, expected: int) -> bool:
    """Return whether a list continues far beyond its expected length.

    If so, the total on its pages is checked against the account.

    Args:
        requested: number of items that the pages requested so far can hold.
        expected: number of repositories that the account had.
    """
    return requested > 2 * expected + 10 * LARGEST_PAGE


class PageSize:
    """Number of repositories per page; adapts to what GitHub can answer."""

    def __init__(self) -> None:
        self.size = LARGEST_PAGE
        self._in_a_row = 0

    def shrink(self) -> None:
        """Halve the size after a page that was too large."""
        self.size = max(1, self.size // 2)
        self._in_a_row = 0

    def grow(self) -> None:
        """Count a page that was read; double the size after several."""
        self._in_a_row += 1
        if self._in_a_row >= _PAGES_BEFORE_GROWTH:
            self.size = min(LARGEST_PAGE, self.size * 2)
            self._in_a_row = 0


def read_page(answer: QueryAnswer, login: str) -> Page | None:
    """Parse a page; return None when no account has the login.

    Raises:
        AnswerError: GitHub withholds the account.
        MalformedError: the page does not have the expected form.
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
                if index in damaged or node is None
                else parse.record(node, 'a repository')
            )
            for index, node in enumerate(_list(listed['nodes'] or []))
        ],
        next_cursor(info),
        answer.problems,
    )


def next_cursor(info: dict[str, Any]) -> str | None:
    """Return the cursor of the next page; None on the last page.

    Raises:
        MalformedError: there is a next page without a cursor.
    """
    if not info['hasNextPage']:
        return None
    return parse.text(info['endCursor'], 'the cursor of a page')


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise MalformedError(
            f'GitHub returned {type(value).__name__} for a list of '
            'repositories'
        )
    return value
