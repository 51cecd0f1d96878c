"""GitHub's REST API: companies by their lists of repositories."""

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

# A push often moves only the one time, any other change only the other.
_NEWEST_FIRST = (('updated', 'updated_at'), ('pushed', 'pushed_at'))
# An order that touching a repository does not change.
_OLDEST_FIRST = ('created', 'asc')
_PAGE_SIZE = 100
_LARGEST = 2**31
# A list that moved while it was read is read again.
_PASSES = 3

_Records = list[dict[str, Any]]


class RestSource:
    """Reads a company by REST, with a token or without.

    Attributes:
        session: what the reading costs is counted there.
        account: the company as GitHub gave it; None until it did.
        total: not told by a list's pages.
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
        """Read a company's public repositories: all, or what has changed.

        Their languages are not among it. The arguments and errors are those
        of GraphQLSource.observations.
        """
        seen: set[int] = set()
        unusable: list[str] = []
        walk = (
            self._whole(company)
            if since is None
            else self._changed(company, since)
        )
        for repository in walk:
            if _id(repository) in seen:
                continue
            try:
                with parse.malformed_on_error('a repository'):
                    if not records.is_public(repository):
                        continue
                    owner = accounts.owner(repository.get('owner'))
                    observation = records.observation(repository, owner)
            except AnswerError as error:
                unusable.append(str(error))
                continue
            seen.add(observation.repo_id)
            if owner.account_id == company.account_id:
                self.account = owner
                yield observation
        if self._is_partial:
            raise ListIncompleteError(
                f'GitHub shows only a part of {company.login} to this token, '
                'for an organisation wants it authorised (SAML): what came '
                'was kept, nothing was removed'
            )
        if unusable:
            raise ListIncompleteError(
                f'{len(unusable)} repositories of {company.login} cannot be '
                f'used: {unusable[0]}; what came was kept, nothing was removed'
            )

    def look_up(
        self, missing: Sequence[KnownRepository]
    ) -> Iterator[RepoObservation | None]:
        """Look repositories up by id, whoever owns them now.

        Yields:
            For each of them, in order, what is public of it now; None where
            GitHub shows nothing.
        """
        yield from self.session.client.map(
            lambda known: records.read_repository(self.session, known.repo_id),
            missing,
        )

    def _changed(
        self, company: Account, since: datetime
    ) -> Iterator[dict[str, Any]]:
        """Walk newest first and back to a time, by either time.

        What moves meanwhile moves to the front, where the next run, which
        reads back to before this one began, finds it.
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

    def _whole(self, company: Account) -> Iterator[dict[str, Any]]:
        """Walk the list once whole; again, where it moved meanwhile."""
        for number in range(_PASSES):
            if (yield from self._pass(company)):
                return
            structlog.get_logger().warning(
                'a list moved or broke off while it was read',
                company=company.login,
                attempt=number + 1,
            )
        raise ListIncompleteError(
            f'the list of {company.login} moved or broke off in {_PASSES} '
            'readings: what came was kept, nothing was removed'
        )

    def _pass(self, company: Account) -> Generator[dict[str, Any], None, bool]:
        """Walk the list from the oldest; return whether it held still.

        Pages are offsets into a list: what leaves it moves all behind it to
        the front, unseen across the border of two pages. So the last page
        is read before all others, too; it has moved whenever one has.
        """
        last = next(self._pages(company, *_OLDEST_FIRST))
        yield from last.items
        if last.next_url is None:
            return not self._is_short(last, len(last.items), company)
        foretold = last.last_url and self.session.get_page(last.last_url)
        holds_still, ids = last.last_url is None, set()
        for last in self._pages(company, *_OLDEST_FIRST):
            yield from last.items
            ids |= {_id(item) for item in last.items}
            if foretold and last.url == foretold.url:
                holds_still = _begins_alike(last.items, foretold.items)
        return holds_still and not self._is_short(last, len(ids), company)

    def _is_short(self, last: ListPage, listed: int, company: Account) -> bool:
        """Tell whether more must be behind a last page that looks odd."""
        if 0 < len(last.items) < _PAGE_SIZE:
            return False
        login = self.account.login if self.account else company.login
        counted = accounts.count_repositories(self.session, login)
        return counted is not None and counted > listed

    def _pages(
        self, company: Account, sort: str, direction: str
    ) -> Iterator[ListPage]:
        """Follow the list by its links, never by page numbers of our own.

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
                    f'the list of {account.login} leads in circles'
                )
            listed = _listed(page) or listed
            asked = len(visited) * _PAGE_SIZE
            told = listed
            if not told or is_longer_than_expected(asked, self._expected):
                told = min(listed or _LARGEST, self._counted or _LARGEST)
            check_length(asked, told, f'the list of {account.login}')
            page = self.session.get_page(page.next_url)
        raise AnswerError(
            f'the list of {account.login} broke off: its next page is gone'
        )

    @cached_property
    def _counted(self) -> int | None:
        """How many repositories the account has; requested once."""
        assert self.account is not None
        return accounts.count_repositories(self.session, self.account.login)

    def _is_of(self, items: _Records, company: Account) -> bool:
        """Tell whether a first page is of the account it was asked of."""
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


def _listed(page: ListPage) -> int | None:
    """Return how many items the link to the last page allows at most."""
    last = re.search('[?&]page=([0-9]{1,9})(?:&|$)', page.last_url or '')
    return int(last[1]) * _PAGE_SIZE if last else None


def _begins_alike(items: _Records, before: _Records) -> bool:
    """Tell whether a page holds what it held, but for what is new."""
    ids = [_id(item) for item in items]
    return ids[: len(before)] == [_id(item) for item in before]


def _id(item: dict[str, Any]) -> int | None:
    """Return the id of a repository or account; None where it has none."""
    given = item.get('id')
    return given if type(given) is int else None
