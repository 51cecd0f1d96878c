"""Resolve the connections of GraphQL: repositories, languages, totals."""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import GraphQLResolveInfo

from github_warehouse.simulator.connections import cursor_of, page_of
from github_warehouse.simulator.figures import watcher_count
from github_warehouse.simulator.model import Account, Repository
from github_warehouse.simulator.nodes import (
    Fields,
    language_node,
    repository_node,
    topic_node,
)
from github_warehouse.simulator.state import State


def _repositories(
    source: Fields, info: GraphQLResolveInfo, **arguments: Any
) -> Fields:
    state: State = info.context.state
    account: Account = source['account']
    chosen = _affiliated(state, account, arguments)
    for name, fact in FILTERS.items():
        wanted = arguments.get(name)
        if wanted is not None:
            chosen = [item for item in chosen if fact(item) == wanted]
    order = arguments.get('orderBy') or {
        'field': 'CREATED_AT',
        'direction': 'ASC',
    }
    key = SORT_KEYS[order['field']]
    page = page_of(
        [
            ((key(repository), repository.id), repository)
            for repository in chosen
        ],
        arguments,
        order['direction'] == 'DESC',
        lambda repository: {'node': repository_node(repository, state)},
    )
    # Summed up only where it is asked for.
    page['chosen'] = chosen
    return page


def _affiliated(
    state: State, account: Account, arguments: Mapping[str, Any]
) -> list[Repository]:
    # The viewer of the simulated token owns nothing, so `affiliations`,
    # which is about the viewer, leaves nothing when it is given.
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
    chosen: list[Repository] = source['chosen']
    return sum(repository.size_kilobytes for repository in chosen)


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
# Times as epoch seconds: quick to make, and JSON can hold them in a cursor.
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
    page = page_of(
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
    return page_of(
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
    # The simulated GitHub has open ones only: nothing was ever closed.
    states = arguments.get('states')
    return {'totalCount': count if not states or 'OPEN' in states else 0}


def _watchers(
    source: Fields, info: GraphQLResolveInfo, **arguments: Any
) -> Fields:
    return {'totalCount': watcher_count(source['repository'])}


def _cursor(source: Fields, info: GraphQLResolveInfo) -> str:
    return cursor_of(source['key'])


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
