"""GitHub's GraphQL API: repositories and their languages in one request."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from github_warehouse.errors import (
    AnswerError,
    ListIncompleteError,
    QueryTooLargeError,
)
from github_warehouse.github import accounts, nodes, parse, rest
from github_warehouse.github.session import GitHubSession
from github_warehouse.model import Account, KnownRepository, RepoObservation

_PAGE_SIZE = 100
_CREATED = {'field': 'CREATED_AT', 'direction': 'ASC'}
# A push often moves only the one time, any other change only the other.
_NEWEST_FIRST = (
    ({'field': 'UPDATED_AT', 'direction': 'DESC'}, 'updatedAt'),
    ({'field': 'PUSHED_AT', 'direction': 'DESC'}, 'pushedAt'),
)
_QUERIES = Path(__file__).parent / 'queries'


def read_query(name: str) -> str:
    """Return a query, with the fragment it uses."""
    query = (_QUERIES / f'{name}.graphql').read_text('utf-8')
    if '...RepositoryFields' in query:
        fields = _QUERIES / 'repository_fields.graphql'
        return query + fields.read_text('utf-8')
    return query


@dataclass(frozen=True)
class _Page:
    """One page of a company's repositories."""

    owner: Account
    total: int
    nodes: Sequence[dict[str, Any] | None]
    next_cursor: str | None
    problems: list[str]


class GraphQLSource:
    """Reads companies by GraphQL, 100 repositories a request.

    Attributes:
        session: what the reading costs is counted there.
        accounts: by id, as GitHub last gave them.
    """

    name = 'graphql'
    reads_languages_apart = False

    def __init__(self, session: GitHubSession) -> None:
        self.session = session
        self.accounts: dict[int, Account] = {}

    def observations(
        self, company: Account, since: datetime | None
    ) -> Iterator[RepoObservation]:
        """Read a company's public repositories: all, or what has changed.

        Args:
            company: whose repositories.
            since: read those updated or pushed to since then; None reads
                every one, in the order of creation, which does not shift
                while the list is read.

        Raises:
            AccountGoneError: the account is not to be found.
            ListIncompleteError: after the last repository, when some that
                GitHub counts were not among them.
            GitHubError: the list cannot be read to its end.
        """
        seen: set[int] = set()
        problems: list[str] = []
        total = 0
        for page in self._walks(company, since):
            total = page.total if since is None else 0
            problems += page.problems
            self.accounts[page.owner.account_id] = page.owner
            for node in page.nodes:
                if node is None or node.get('databaseId') is None:
                    continue
                is_new = node['databaseId'] not in seen
                seen.add(node['databaseId'])
                if not is_new or node.get('isPrivate'):
                    continue
                try:
                    with parse.understood('a repository'):
                        observation = self._observation(node, page.owner)
                except AnswerError as error:
                    problems.append(str(error))
                else:
                    yield observation
        if problems or len(seen) < total:
            raise ListIncompleteError(
                f'GitHub listed {len(seen)} of {total} repositories of '
                f'{company.login}{"".join(f"; {p}" for p in problems[:1])}: '
                'what came was kept, nothing was removed'
            )

    def look_up(
        self, missing: Sequence[KnownRepository]
    ) -> Iterator[RepoObservation | None]:
        """Look repositories up by id, whoever owns them now.

        Yields:
            For each of them, in order, what is public of it now; None where
            GitHub shows nothing.

        Raises:
            GitHubError: GitHub cannot tell.
        """
        for start in range(0, len(missing), _PAGE_SIZE):
            page = missing[start : start + _PAGE_SIZE]
            try:
                yield from self._nodes([known.node_id for known in page])
            except AnswerError:
                # a server that knows no such query, or ids of old
                for known in page:
                    yield rest.read_repository(self.session, known.repo_id)

    def languages(
        self, full_names: Sequence[str]
    ) -> Iterator[dict[str, int] | None]:
        """Read nothing: languages come with their repositories."""
        return iter(())

    def _nodes(
        self, node_ids: list[str | None]
    ) -> list[RepoObservation | None]:
        if None in node_ids:
            raise AnswerError('a repository has no id that GraphQL knows')
        answer = self.session.query(
            read_query('repositories_by_id'), {'ids': node_ids}
        )
        if answer.problems:
            raise AnswerError(
                f'GitHub cannot look ids up: {answer.problems[0]}'
            )
        with parse.understood('repositories by id'):
            return [
                (
                    self._observation(node, nodes.account(node['owner']))
                    if node and not node.get('isPrivate')
                    else None
                )
                for node in answer.data['nodes']
            ]

    def _walks(
        self, company: Account, since: datetime | None
    ) -> Iterator[_Page]:
        """Walk the list once whole, or newest first and back to a time."""
        if since is None:
            yield from self._pages(company, _CREATED)
            return
        for order, key in _NEWEST_FIRST:
            for page in self._pages(company, order):
                times = [
                    (node, parse.moment(node.get(key), key))
                    for node in page.nodes
                    if node is not None
                ]
                changed = [n for n, at in times if at and at >= since]
                yield replace(page, nodes=changed)
                if any(at and at < since for _, at in times):
                    break

    def _pages(
        self, company: Account, order: dict[str, str]
    ) -> Iterator[_Page]:
        """Read a list page by page, of a size that GitHub can bear."""
        login, cursor, page_size = company.login, None, _PAGE_SIZE
        while True:
            try:
                page = self._page(login, cursor, page_size, order)
            except QueryTooLargeError:
                if page_size == 1:
                    raise
                page_size //= 2
                self.session.pause(1)
                continue
            if page is None or page.owner.account_id != company.account_id:
                login = accounts.present_account(
                    self.session, company, login
                ).login
                cursor = None
                continue
            yield page
            cursor = page.next_cursor
            if cursor is None:
                return

    def _page(
        self,
        login: str,
        cursor: str | None,
        page_size: int,
        order: dict[str, str],
    ) -> _Page | None:
        answer = self.session.query(
            read_query('owner_repositories'),
            {
                'login': login,
                'first': page_size,
                'after': cursor,
                'order': order,
            },
        )
        if answer.data.get('repositoryOwner') is None:
            if answer.problems:
                raise AnswerError(
                    f'GitHub does not show {login}: {answer.problems[0]}'
                )
            return None
        with parse.understood('a list of repositories'):
            owner = answer.data['repositoryOwner']
            listed = owner['repositories']
            info = listed['pageInfo']
            damaged = answer.damaged(
                'repositoryOwner', 'repositories', 'nodes'
            )
            return _Page(
                nodes.account(owner),
                parse.count(listed['totalCount'], 'totalCount'),
                [
                    None if place in damaged else node
                    for place, node in enumerate(listed['nodes'] or ())
                ],
                info['endCursor'] if info['hasNextPage'] else None,
                answer.problems,
            )

    def _observation(
        self, node: dict[str, Any], owner: Account
    ) -> RepoObservation:
        what = f'{owner.login}/{node.get("name")}'
        return nodes.repository(node, owner, self._languages(node, what))

    def _languages(
        self, node: dict[str, Any], what: str
    ) -> dict[str, int] | None:
        """Return the bytes of every language; None where GitHub gave none."""
        listed = node.get('languages')
        if listed is None:
            return None
        sizes = nodes.language_sizes(listed, what)
        while listed['pageInfo']['hasNextPage']:
            answer = self.session.query(
                read_query('more_languages'),
                {'id': node['id'], 'after': listed['pageInfo']['endCursor']},
            )
            listed = answer.data['node']['languages']
            sizes |= nodes.language_sizes(listed, what)
        return sizes
