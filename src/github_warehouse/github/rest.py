"""Read a company's list of repositories over REST."""

import re
from collections.abc import Generator, Iterator, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import quote

import structlog

from github_warehouse.errors import AnswerError, ListIncompleteError
from github_warehouse.github import accounts, parse, records
from github_warehouse.github.pages import check_length, is_longer_than_expected
from github_warehouse.github.session import GitHubSession, ListPage
from github_warehouse.model import Account, KnownRepository, RepoObservation

# A push often changes only pushed_at, and other changes only updated_at.
_NEWEST_FIRST = (('updated', 'updated_at'), ('pushed', 'pushed_at'))
# Changes to a repository do not change this order.
_OLDEST_FIRST = ('created', 'asc')
_PAGE_SIZE = 100
_LARGEST_COUNT = 2**31
# A list that shifted while it was read is read again.
_MAX_PASSES = 3

_Records = list[dict[str, Any]]


class RestSource:
    """Reads a company over REST, with or without a token.

    Attributes:
        session: the session that sends the requests.
        account: the company as read from GitHub; None until then.
        total: always None, because REST does not return it.
    """

    name = 'rest'

    def __init__(self, session: GitHubSession, expected: int = 0) -> None:
        self.session = session
        self._expected = expected
        self.account: Account | None = None
        self.total: int | None = None
        self._is_partial = False

    def observations(
        self, company: Account, since: datetime | None
    ) -> Iterator[RepoObservation]:
        """Read a company's public repositories: all, or those that changed.

        Languages are not included. The arguments and errors are those of
        GraphQLSource.observations.
        """
        seen: set[int] = set()
        unusable: list[str] = []
        repositories = (
            self._read_all(company)
            if since is None
            else self._read_changed(company, since)
        )
        for repository in repositories:
            if _id(repository) in seen:
                continue
            try:
                observation = records.parse_public(repository)
            except AnswerError as error:
                unusable.append(str(error))
                continue
            if observation is None:
                continue
            seen.add(observation.repo_id)
            if observation.owner.account_id == company.account_id:
                self.account = observation.owner
                yield observation
        self._check_complete(company.login, unusable)

    def _check_complete(self, login: str, unusable: Sequence[str]) -> None:
        """Raise a ListIncompleteError if the list lacks some of its items."""
        if self._is_partial:
            raise ListIncompleteError(
                f'GitHub shows only a part of {login}, because an '
                'organization has not authorized this token for single '
                'sign-on (SAML): what was read was kept, and nothing was '
                'removed'
            )
        if unusable:
            raise ListIncompleteError(
                f'{len(unusable)} repositories of {login} were left out: '
                f'{unusable[0]}; what was read was kept, and nothing was '
                'removed'
            )

    def look_up(
        self, missing: Sequence[KnownRepository]
    ) -> Iterator[RepoObservation | None]:
        """Look up repositories by ID, whatever their present owner.

        Yields:
            An observation of each repository, in order; None for one that is
            not public or does not exist.
        """
        yield from self.session.client.map(
            lambda known: records.read_repository(self.session, known.repo_id),
            missing,
        )

    def _read_changed(
        self, company: Account, since: datetime
    ) -> Iterator[dict[str, Any]]:
        """Read the list newest first, back to a time, in both orders.

        A repository that changes meanwhile moves to the front. The next run
        finds it, because it reads back to before this run started.
        """
        for sort, key in _NEWEST_FIRST:
            for page in self._pages(company, sort, 'desc'):
                is_old = False
                for repository in page.items:
                    age = parse.compared(repository.get(key), since)
                    if age > 0:
                        yield repository
                    is_old = is_old or age < 0
                if is_old:
                    break

    def _read_all(self, company: Account) -> Iterator[dict[str, Any]]:
        """Read the whole list; read it again if it shifted meanwhile."""
        for number in range(_MAX_PASSES):
            if (yield from self._read_once(company)):
                return
            structlog.get_logger().warning(
                'a list changed or ended early while it was read',
                company=company.login,
                attempt=number + 1,
            )
        raise ListIncompleteError(
            f'the list of {company.login} changed or ended early each of '
            f'the {_MAX_PASSES} times it was read: what was read was kept, '
            'and nothing was removed'
        )

    def _read_once(
        self, company: Account
    ) -> Generator[dict[str, Any], None, bool]:
        """Read the list oldest first; return whether it is complete.

        Pages are offsets into the list. When a repository leaves it, all later
        ones shift, and one of them crosses to a page that was already read. To
        detect that, the last page is also read before the others.
        """
        last = next(self._pages(company, *_OLDEST_FIRST))
        yield from last.items
        if last.next_url is None:
            return not self._is_short(last, len(last.items), company)
        before = last.last_url and self.session.get_page(last.last_url)
        has_shifted, ids = last.last_url is not None, set()
        for last in self._pages(company, *_OLDEST_FIRST):
            yield from last.items
            ids |= {_id(item) for item in last.items}
            if before and last.url == before.url:
                has_shifted = not _starts_with(last.items, before.items)
        return not has_shifted and not self._is_short(last, len(ids), company)

    def _is_short(self, last: ListPage, listed: int, company: Account) -> bool:
        """Return whether the list ended before the account's last repository.

        Only an empty or a full last page is suspicious.
        """
        if 0 < len(last.items) < _PAGE_SIZE:
            return False
        login = self.account.login if self.account else company.login
        counted = accounts.count_repositories(self.session, login)
        return counted is not None and counted > listed

    def _pages(
        self, company: Account, sort: str, direction: str
    ) -> Iterator[ListPage]:
        """Read the list page by page, following GitHub's links.

        https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
        """
        account = self.account or company
        page = self.session.get_page(_list_path(account, sort, direction))
        if page is None or not self._is_of(page.items, company):
            account = accounts.present_account(
                self.session, company, account.login
            )
            page = self.session.get_page(_list_path(account, sort, direction))
        self.account = account
        visited, listed = set(), None
        while page is not None:
            self._is_partial = self._is_partial or page.is_partial
            yield page
            if page.next_url is None:
                return
            visited.add(page.url)
            if page.next_url in visited:
                raise AnswerError(
                    f'the list of {account.login} has a loop: its next page '
                    'was already read; run again later'
                )
            listed = _max_listed(page) or listed
            requested = len(visited) * _PAGE_SIZE
            total = listed
            if not total or is_longer_than_expected(requested, self._expected):
                total = min(
                    listed or _LARGEST_COUNT, self._counted or _LARGEST_COUNT
                )
            check_length(requested, total, f'the list of {account.login}')
            page = self.session.get_page(page.next_url)
        raise AnswerError(
            f'the list of {account.login} ended early: GitHub has no next '
            'page; run again later'
        )

    @cached_property
    def _counted(self) -> int | None:
        """Return the number of the account's repositories; requested once."""
        assert self.account is not None
        return accounts.count_repositories(self.session, self.account.login)

    def _is_of(self, items: _Records, company: Account) -> bool:
        """Return whether the first page belongs to the company."""
        if items:
            owners = [item.get('owner') for item in items]
            ids = {_id(owner) for owner in owners if isinstance(owner, dict)}
            return company.account_id in ids
        owner = accounts.read_account(self.session, company.login)
        return owner is not None and owner.account_id == company.account_id


def _list_path(account: Account, sort: str, direction: str) -> str:
    login = quote(account.login, safe='')
    owned = (
        f'users/{login}/repos?type=owner'
        if account.account_type == 'User'
        else f'orgs/{login}/repos?type=all'
    )
    return f'{owned}&sort={sort}&direction={direction}&per_page={_PAGE_SIZE}'


def _max_listed(page: ListPage) -> int | None:
    """Return the maximum length of the list, given its last page's number."""
    last = re.search('[?&]page=([0-9]{1,9})(?:&|$)', page.last_url or '')
    return int(last[1]) * _PAGE_SIZE if last else None


def _starts_with(items: _Records, before: _Records) -> bool:
    """Return whether a page still starts with the items it had before."""
    ids = [_id(item) for item in items]
    return ids[: len(before)] == [_id(item) for item in before]


def _id(item: dict[str, Any]) -> int | None:
    """Return the ID of a repository or account; None if it has none."""
    value = item.get('id')
    return value if type(value) is int else None
