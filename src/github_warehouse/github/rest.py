"""GitHub's REST API: lists, and the languages of one repository at a time."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any
from urllib.parse import quote

import structlog

from github_warehouse.errors import (
    AnswerError,
    GitHubError,
    ListIncompleteError,
    TokenRefusedError,
)
from github_warehouse.github import accounts, parse
from github_warehouse.github.session import GitHubSession
from github_warehouse.model import Account, KnownRepository, RepoObservation

# A push often moves only the one time, any other change only the other.
_NEWEST_FIRST = (('updated', 'updated_at'), ('pushed', 'pushed_at'))
# What older servers called the same, newest first.
_COUNTERS = {
    'stars': ('stargazers_count', 'watchers_count', 'watchers'),
    'forks': ('forks_count', 'forks'),
    'open_issues': ('open_issues_count', 'open_issues'),
}


class RestSource:
    """Reads companies by REST, with a token or without.

    Attributes:
        session: what the reading costs is counted there.
        accounts: by id, as GitHub last gave them.
    """

    name = 'rest'
    reads_languages_apart = True

    def __init__(self, session: GitHubSession, concurrency: int) -> None:
        self.session = session
        self.accounts: dict[int, Account] = {}
        self._concurrency = concurrency

    def observations(
        self, company: Account, since: datetime | None
    ) -> Iterator[RepoObservation]:
        """Read a company's public repositories: all, or what has changed.

        Their languages are not among it. The arguments and errors are those
        of GraphQLSource.observations.
        """
        seen: set[int] = set()
        unusable: list[str] = []
        for repository, owner in self._walks(company, since):
            if repository.get('id') in seen or not _is_public(repository):
                continue
            try:
                with parse.understood('a repository'):
                    observation = _observation(repository, owner)
            except AnswerError as error:
                unusable.append(str(error))
                continue
            seen.add(observation.repo_id)
            yield observation
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
        for known in missing:
            yield read_repository(self.session, known.repo_id)

    def languages(
        self, full_names: Sequence[str]
    ) -> Iterator[dict[str, int] | None]:
        """Read languages, as many as the hour's budget allows.

        Yields:
            For each repository, in order, its bytes by language; None where
            they could not be read.

        Raises:
            TokenRefusedError: nothing can be read.
        """
        budget = self.session.budget_left
        affordable = full_names if budget is None else full_names[:budget]
        with ThreadPoolExecutor(self._concurrency) as pool:
            yield from pool.map(self._languages, affordable)

    def _languages(self, full_name: str) -> dict[str, int] | None:
        owner, _, name = full_name.partition('/')
        path = f'repos/{quote(owner, safe="")}/{quote(name, safe="")}'
        try:
            answer = self.session.get(f'{path}/languages')
        except TokenRefusedError:
            raise
        except GitHubError as error:
            structlog.get_logger().warning(
                'languages were not read',
                repository=full_name,
                reason=str(error),
            )
            return None
        if answer is None:
            return None
        return {
            parse.text(language, full_name): parse.integer(size, full_name)
            for language, size in parse.record(answer, full_name).items()
        }

    def _walks(
        self, company: Account, since: datetime | None
    ) -> Iterator[tuple[dict[str, Any], Account]]:
        """Walk the list once whole, or newest first and back to a time."""
        if since is None:
            for page in self._pages(company, 'created', 'asc'):
                yield from page
            return
        for sort, key in _NEWEST_FIRST:
            for page in self._pages(company, sort, 'desc'):
                is_old = False
                for repository, owner in page:
                    at = parse.moment(repository.get(key), key)
                    if at is not None and at >= since:
                        yield repository, owner
                    is_old = is_old or (at is not None and at < since)
                if is_old:
                    break

    def _pages(
        self, company: Account, sort: str, direction: str
    ) -> Iterator[list[tuple[dict[str, Any], Account]]]:
        """Follow the list by its links, never by page numbers of our own.

        https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
        """
        account = company
        page = self.session.get_page(_list_path(account, sort, direction))
        if page is None or not self._is_of(page.items, company):
            account = accounts.present_account(
                self.session, company, company.login
            )
            page = self.session.get_page(_list_path(account, sort, direction))
        self.accounts[account.account_id] = account
        while page is not None:
            if page.is_partial:
                raise ListIncompleteError(
                    f'GitHub shows only a part of {account.login} to this '
                    'token, for an organisation wants it authorised (SAML): '
                    'what came was kept, nothing was removed'
                )
            items = [parse.record(i, 'a repository') for i in page.items]
            for item in items[:1]:
                account = accounts.owner(item.get('owner'))
                self.accounts[account.account_id] = account
            yield [
                (item, account)
                for item in items
                if accounts.owner(item.get('owner')).account_id
                == company.account_id
            ]
            if page.next_url is None:
                return
            page = self.session.get_page(page.next_url)
        raise AnswerError(
            f'the list of {account.login} broke off: its next page is gone'
        )

    def _is_of(self, items: list[Any], company: Account) -> bool:
        """Tell whether a first page is of the account it was asked of."""
        if items:
            first = parse.record(items[0], 'a repository')
            owner: Account | None = accounts.owner(first.get('owner'))
        else:
            owner = accounts.read_account(self.session, company.login)
        return owner is not None and owner.account_id == company.account_id


def read_repository(
    session: GitHubSession, repo_id: int
) -> RepoObservation | None:
    """Read a repository by its id; None where the public is shown none.

    The path is where GitHub redirects to from a name of old; its languages
    are not in the answer.
    """
    answer = session.get(f'repositories/{repo_id}')
    if answer is None:
        return None
    repository = parse.record(answer, 'a repository')
    if not _is_public(repository):
        return None
    return _observation(repository, accounts.owner(repository.get('owner')))


def _list_path(account: Account, sort: str, direction: str) -> str:
    login = quote(account.login, safe='')
    owned = (
        f'users/{login}/repos?type=owner'
        if account.account_type == 'User'
        else f'orgs/{login}/repos?type=all'
    )
    return f'{owned}&sort={sort}&direction={direction}&per_page=100'


def _is_public(repository: dict[str, Any]) -> bool:
    """Tell whether everybody may see it; old servers say private alone."""
    return (
        not repository.get('private')
        and repository.get('visibility', 'public') == 'public'
    )


def _observation(
    repository: dict[str, Any], owner: Account
) -> RepoObservation:
    what = parse.text(repository.get('full_name'), 'the name of a repository')
    license_info = repository.get('license') or {}
    return RepoObservation(
        repo_id=parse.integer(repository.get('id'), f'id of {what}'),
        node_id=parse.optional_text(repository.get('node_id'), what),
        owner=owner,
        name=parse.text(repository.get('name'), what),
        full_name=what,
        language=parse.optional_text(repository.get('language'), what),
        created_at=parse.moment(repository.get('created_at'), what),
        updated_at=parse.moment(repository.get('updated_at'), what),
        pushed_at=parse.moment(repository.get('pushed_at'), what),
        is_fork=parse.flag(repository.get('fork'), what),
        is_archived=parse.flag(repository.get('archived', False), what),
        license=parse.optional_text(license_info.get('spdx_id'), what),
        languages=None,
        **{
            counter: parse.count(
                _first(repository, names), f'{counter} of {what}'
            )
            for counter, names in _COUNTERS.items()
        },
    )


def _first(repository: dict[str, Any], names: Sequence[str]) -> object:
    given = (repository.get(name) for name in names)
    return next((value for value in given if value is not None), None)
