"""Resolvers of GraphQL connections, such as repositories and languages."""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import GraphQLResolveInfo

from github_simulator.figures import watcher_count
from github_simulator.graphql_nodes import (
    Fields,
    language_node,
    repository_node,
    topic_node,
)
from github_simulator.graphql_paging import encode_cursor, make_page
from github_simulator.model import Account, Repository
from github_simulator.state import State


def _repositories(
    source: Fields, info: GraphQLResolveInfo, **arguments: Any
) -> Fields:
    state: State = info.context.state
    account: Account = source['account']
    selected = _affiliated(state, account, arguments)
    for name, attribute in FILTERS.items():
        wanted = arguments.get(name)
        if wanted is not None:
            selected = [item for item in selected if attribute(item) == wanted]
    order = arguments.get('orderBy') or {
        'field': 'CREATED_AT',
        'direction': 'ASC',
    }
    key = SORT_KEYS[order['field']]
    page = make_page(
        [
            ((key(repository), repository.id), repository)
            for repository in selected
        ],
        arguments,
        order['direction'] == 'DESC',
        lambda repository: {'node': repository_node(repository, state)},
    )
    # For totalDiskUsage, which is computed only if it is requested.
    page['selected'] = selected
    return page


def _affiliated(
    state: State, account: Account, arguments: Mapping[str, Any]
) -> list[Repository]:
    # `affiliations` is about the viewer, here the owner of the token, who has
    # no repositories.
    if arguments.get('affiliations') is not None:
        return []
    kinds = arguments.get('ownerAffiliations') or ('OWNER', 'COLLABORATOR')
    found = state.owned_by(account.id) if 'OWNER' in kinds else []
    if 'COLLABORATOR' in kinds:
        found += [
            state.repositories[number]
            for number in account.collaborates_on
            if number in state.repositories
        ]
    return found


def _total_disk_usage(source: Fields, info: GraphQLResolveInfo) -> int:
    selected: list[Repository] = source['selected']
    return sum(repository.size_kilobytes for repository in selected)


FILTERS: dict[str, Callable[[Repository], str | bool]] = {
    'visibility': lambda repository: repository.visibility.upper(),
    'privacy': lambda repository: (
        'PUBLIC' if repository.is_public else 'PRIVATE'
    ),
    'isFork': lambda repository: repository.is_fork,
    'isArchived': lambda repository: repository.is_archived,
    'isLocked': lambda repository: False,
    'hasIssuesEnabled': lambda repository: True,
}
# Times are epoch seconds: fast, and valid JSON in a cursor.
SORT_KEYS: dict[str, Callable[[Repository], str | float]] = {
    'CREATED_AT': lambda repository: repository.created_at.timestamp(),
    'NAME': lambda repository: repository.name.lower(),
    'PUSHED_AT': lambda repository: (
        repository.pushed_at.timestamp() if repository.pushed_at else 0.0
    ),
    'STARGAZERS': lambda repository: repository.stars,
    'UPDATED_AT': lambda repository: repository.updated_at.timestamp(),
}


def _languages(
    source: Fields, info: GraphQLResolveInfo, **arguments: Any
) -> Fields:
    sizes = source['repository'].languages
    order = arguments.get('orderBy') or {'direction': 'ASC'}
    page = make_page(
        [((size, name), name) for name, size in sizes.items()],
        arguments,
        order['direction'] == 'DESC',
        lambda name: {'node': language_node(name), 'size': sizes[name]},
    )
    page['totalSize'] = sum(sizes.values())
    return page


def _topics(
    source: Fields, info: GraphQLResolveInfo, **arguments: Any
) -> Fields:
    return make_page(
        [((name, name), name) for name in source['repository'].topics],
        arguments,
        False,
        lambda name: {'node': topic_node(name)},
    )


def _issues(
    source: Fields, info: GraphQLResolveInfo, **arguments: Any
) -> Fields:
    return _open_count(source['repository'].open_issues, arguments)


def _pull_requests(
    source: Fields, info: GraphQLResolveInfo, **arguments: Any
) -> Fields:
    return _open_count(source['repository'].open_pull_requests, arguments)


def _open_count(count: int, arguments: Mapping[str, Any]) -> Fields:
    # All simulated issues and pull requests are open.
    states = arguments.get('states')
    return {'totalCount': count if not states or 'OPEN' in states else 0}


def _watchers(
    source: Fields, info: GraphQLResolveInfo, **arguments: Any
) -> Fields:
    return {'totalCount': watcher_count(source['repository'])}


def _cursor(source: Fields, info: GraphQLResolveInfo) -> str:
    return encode_cursor(source['key'])


CONNECTION_FIELDS: dict[tuple[str, str], Callable[..., Any]] = {
    ('Organization', 'repositories'): _repositories,
    ('User', 'repositories'): _repositories,
    ('Repository', 'languages'): _languages,
    ('Repository', 'repositoryTopics'): _topics,
    ('Repository', 'issues'): _issues,
    ('Repository', 'pullRequests'): _pull_requests,
    ('Repository', 'watchers'): _watchers,
    ('RepositoryConnection', 'totalDiskUsage'): _total_disk_usage,
    ('RepositoryEdge', 'cursor'): _cursor,
    ('LanguageEdge', 'cursor'): _cursor,
    ('RepositoryTopicEdge', 'cursor'): _cursor,
}
