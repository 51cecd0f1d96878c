"""GitHub's GraphQL API: repositories and their languages in one request."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

import structlog

from github_warehouse.errors import (
    AnswerError,
    ListIncompleteError,
    MalformedError,
    QueryRefusedError,
    QueryTooLargeError,
    UnknownFieldsError,
)
from github_warehouse.github import accounts, nodes, parse, records
from github_warehouse.github.answers import QueryAnswer
from github_warehouse.github.fields import may_lack, read_query
from github_warehouse.github.pages import (
    LARGEST_PAGE,
    Page,
    PageSize,
    check_length,
    is_longer_than_expected,
    next_cursor,
    read_page,
)
from github_warehouse.github.session import GitHubSession
from github_warehouse.model import Account, KnownRepository, RepoObservation

_CREATED = {'field': 'CREATED_AT', 'direction': 'ASC'}
# A push often changes only pushedAt, and other changes only updatedAt.
_NEWEST_FIRST = (
    ({'field': 'UPDATED_AT', 'direction': 'DESC'}, 'updatedAt'),
    ({'field': 'PUSHED_AT', 'direction': 'DESC'}, 'pushedAt'),
)
# New logins of a renamed company to try before its first page is read.
_MAX_RENAMES = 3
_LANGUAGE_PAGES = 10
T = TypeVar('T')
# Stop reading further pages of languages after this many repositories whose
# pages did not end.
_MAX_ENDLESS = 3


class GraphQLSource:
    """Reads a company over GraphQL, 100 repositories a request.

    Attributes:
        session: the session that sends the requests.
        account: the company as read from GitHub; None until then.
        total: number of repositories in the list; None until it is known, and
            in an incremental reading.
    """

    name = 'graphql'

    def __init__(self, session: GitHubSession, expected: int = 0) -> None:
        self.session = session
        self._expected = expected
        self._counted: int | None = None
        self._endless_languages = 0
        self.account: Account | None = None
        self.total: int | None = None

    def observations(
        self, company: Account, since: datetime | None
    ) -> Iterator[RepoObservation]:
        """Read a company's public repositories: all, or those that changed.

        Args:
            company: the company.
            since: read only repositories that were updated or pushed to since
                then, UTC. None to read all of them by creation time: changes
                to repositories do not change that order.

        Raises:
            AccountGoneError: the account no longer exists.
            QueryRefusedError: GraphQL is not available, or fails even for a
                page of one repository.
            ListIncompleteError: the list has fewer repositories than GitHub
                counts, or some could not be parsed. Raised after the last
                repository.
            GitHubError: the list cannot be read to its end.
        """
        seen: set[int] = set()
        problems: list[str] = []
        total = 0
        for page in self._read_pages(company, since):
            if since is None:
                total = self.total = page.total
            problems += page.problems
            self.account = page.owner
            for node in page.nodes:
                if node is None or node.get('databaseId') is None:
                    continue
                try:
                    with parse.malformed_on_error('a repository'):
                        is_new = node['databaseId'] not in seen
                        seen.add(node['databaseId'])
                        if not is_new or node.get('isPrivate'):
                            continue
                        observation = self._observation(node, page.owner)
                except AnswerError as error:
                    problems.append(str(error))
                else:
                    yield observation
        if problems or len(seen) < total:
            raise ListIncompleteError(
                f'GitHub listed {len(seen)} of {total} repositories of '
                f'{company.login}{"".join(f"; {p}" for p in problems[:1])}: '
                'what was read was kept, and nothing was removed'
            )

    def look_up(
        self, missing: Sequence[KnownRepository]
    ) -> Iterator[RepoObservation | None]:
        """Look up repositories by id, whatever their present owner.

        Yields:
            An observation of each repository, in order; None for one that is
            not public or does not exist.

        Raises:
            GitHubError: the lookup failed.
        """
        for start in range(0, len(missing), LARGEST_PAGE):
            page = missing[start : start + LARGEST_PAGE]
            try:
                found = self._nodes([known.node_id for known in page])
            except (AnswerError, QueryRefusedError, QueryTooLargeError):
                # the server does not know this query or these node ids
                for known in page:
                    yield records.read_repository(self.session, known.repo_id)
            else:
                for known, each in zip(page, found, strict=True):
                    yield records.by_id(self.session, known.repo_id, each)

    def _nodes(
        self, node_ids: list[str | None]
    ) -> list[RepoObservation | None]:
        if None in node_ids:
            raise AnswerError('a repository has no node id')
        found = self._query(
            'repositories_by_id',
            {'ids': node_ids},
            self._read_nodes,
        )
        if len(found) != len(node_ids):
            raise AnswerError(
                f'GitHub returned {len(found)} repositories for '
                f'{len(node_ids)} ids'
            )
        return found

    def _read_nodes(self, answer: QueryAnswer) -> list[RepoObservation | None]:
        if answer.problems:
            raise AnswerError(
                f'GitHub cannot look ids up: {answer.problems[0]}'
            )
        return [
            (
                self._observation(node, nodes.account(node['owner']))
                if node and not node.get('isPrivate')
                else None
            )
            for node in answer.data['nodes']
        ]

    def _read_pages(
        self, company: Account, since: datetime | None
    ) -> Iterator[Page]:
        """Read the whole list, or both newest-first lists back to a time."""
        if since is None:
            yield from self._pages(company, _CREATED)
            return
        for order, key in _NEWEST_FIRST:
            for page in self._pages(company, order):
                ages = [
                    (node, parse.compared(node.get(key), since))
                    for node in page.nodes
                    if node is not None
                ]
                changed = [node for node, age in ages if age > 0]
                yield replace(page, nodes=changed)
                if any(age < 0 for _, age in ages):
                    break

    def _pages(
        self, company: Account, order: dict[str, str]
    ) -> Iterator[Page]:
        """Read a list page by page; shrink pages that are too large."""
        login, cursor, page_size = company.login, None, PageSize()
        tried, requested = {login.lower()}, 0
        while True:
            try:
                page = self._page(login, cursor, page_size.size, order)
            except QueryTooLargeError as error:
                if page_size.size == 1:
                    raise QueryRefusedError(
                        'GraphQL fails even for a page of one repository: '
                        f'{error}'
                    ) from error
                page_size.shrink()
                self.session.pause(1)
                continue
            if page is None or page.owner.account_id != company.account_id:
                login = accounts.present_account(
                    self.session, company, login
                ).login
                if login.lower() in tried or len(tried) > _MAX_RENAMES:
                    raise AnswerError(
                        f'GitHub does not list the repositories of {login}, '
                        'although the account exists: run again later'
                    )
                tried.add(login.lower())
                cursor = None
                continue
            yield page
            if page.next_cursor is None:
                return
            requested += page_size.size
            check_length(
                requested,
                self._max_length(page.total, requested, login),
                f'the list of {login}',
            )
            page_size.grow()
            if page.next_cursor == cursor:
                raise AnswerError(
                    f'the list of {login} has a loop: its next page was '
                    'already read; run again later'
                )
            cursor = page.next_cursor

    def _max_length(self, total: int, requested: int, login: str) -> int:
        """Return the maximum length of a list.

        It is what GitHub counts in the list. Beyond the expected length, the
        account's count, which is requested once, limits it as well.
        """
        if not is_longer_than_expected(requested, self._expected):
            return total
        if self._counted is None:
            counted = accounts.count_repositories(self.session, login)
            self._counted = total if counted is None else counted
        return min(total, self._counted)

    def _page(
        self,
        login: str,
        cursor: str | None,
        page_size: int,
        order: dict[str, str],
    ) -> Page | None:
        return self._query(
            'owner_repositories',
            {
                'login': login,
                'first': page_size,
                'after': cursor,
                'order': order,
            },
            lambda answer: read_page(answer, login),
        )

    def _query(
        self,
        name: str,
        variables: dict[str, object],
        understand: Callable[[QueryAnswer], T],
    ) -> T:
        """Send a query without the fields that this server lacks.

        Raises:
            UnknownFieldsError: the server lacks a required field.
        """
        client = self.session.client
        while True:
            lacking = client.lacking
            try:
                return self.session.query(
                    read_query(name, lacking), variables, understand
                )
            except UnknownFieldsError as error:
                if error.fields <= lacking or not may_lack(error.fields):
                    raise
                client.note_lacking(error.fields)

    def _observation(
        self, node: dict[str, Any], owner: Account
    ) -> RepoObservation:
        what = f'{owner.login}/{node.get("name")}'
        return nodes.repository(node, owner, self._languages(node, what))

    def _languages(
        self, node: dict[str, Any], what: str
    ) -> dict[str, int] | None:
        """Return bytes by language; None if they must be read over REST.

        That is if they are missing, malformed, or too large for a query.
        """
        if node.get('languages') is None:
            return None
        try:
            with parse.malformed_on_error(f'the languages of {what}'):
                return self._all_languages(node, what)
        except QueryTooLargeError:
            return None
        except MalformedError as error:
            structlog.get_logger().warning(
                'reading languages over REST',
                repository=what,
                reason=str(error),
            )
            return None

    def _all_languages(
        self, node: dict[str, Any], what: str
    ) -> dict[str, int]:
        listed = node['languages']
        sizes = nodes.language_sizes(listed, what)
        for _ in range(_LANGUAGE_PAGES):
            cursor = next_cursor(listed['pageInfo'])
            if cursor is None:
                return sizes
            if self._endless_languages >= _MAX_ENDLESS:
                raise MalformedError(
                    f'did not request more languages of {what}, because '
                    'those of other repositories did not end'
                )
            listed = self._more_languages(node['id'], cursor)
            sizes |= nodes.language_sizes(listed, what)
        self._endless_languages += 1
        raise MalformedError(f'the list of languages of {what} does not end')

    def _more_languages(self, node_id: str, cursor: str) -> dict[str, Any]:
        return self._query(
            'more_languages',
            {'id': node_id, 'after': cursor},
            lambda answer: parse.record(
                answer.data['node']['languages'], 'languages'
            ),
        )
