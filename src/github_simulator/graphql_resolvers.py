"""Resolvers of GraphQL root fields and of fields without arguments."""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError, GraphQLResolveInfo

from github_simulator.graphql_cost import Plan
from github_simulator.graphql_nodes import (
    Fields,
    account_node,
    repository_node,
)
from github_simulator.limits import Bucket
from github_simulator.model import Account, Repository
from github_simulator.state import State


@dataclass(frozen=True, slots=True)
class Context:
    """The data that the resolvers of one request share."""

    state: State
    plan: Plan
    bucket: Bucket


def resolve_by_name(source: Fields, info: GraphQLResolveInfo) -> Any:
    """Return the value of the field in its parent."""
    return source[info.field_name]


def resolve_type(source: Fields, info: object, abstract_type: object) -> str:
    """Return the concrete type of a Node or RepositoryOwner."""
    return str(source['__typename'])


def _account(
    source: None, info: GraphQLResolveInfo, login: str
) -> Fields | None:
    """Resolve repositoryOwner, organization or user.

    An unknown login is null; organization and user also add an error,
    repositoryOwner does not.
    """
    context: Context = info.context
    if context.plan.is_dry_run:
        return None
    account = context.state.account_by_login(login)
    wanted = {'organization': 'Organization', 'user': 'User'}.get(
        info.field_name
    )
    if account is not None and wanted in (None, account.account_type):
        return account_node(account)
    if wanted is None:
        return None
    article = 'an' if wanted == 'Organization' else 'a'
    raise _not_found(
        f'Could not resolve to {article} {wanted} with the login of '
        f"'{login}'."
    )


def _repository(
    source: None,
    info: GraphQLResolveInfo,
    owner: str,
    name: str,
    followRenames: bool | None,
) -> Fields | None:
    context: Context = info.context
    if context.plan.is_dry_run:
        return None
    repository = context.state.repository_by_name(owner, name)
    if repository is None and followRenames:
        repository = context.state.repository_by_old_name(owner, name)
    if repository is None:
        raise _not_found(
            'Could not resolve to a Repository with the name '
            f"'{owner}/{name}'."
        )
    return repository_node(repository, context.state)


def _node(source: None, info: GraphQLResolveInfo, id: str) -> Fields | None:
    context: Context = info.context
    return None if context.plan.is_dry_run else _find(context.state, id)


def _nodes(
    source: None, info: GraphQLResolveInfo, ids: list[str]
) -> list[Fields | GraphQLError]:
    context: Context = info.context
    if context.plan.is_dry_run:
        return []
    return [_find_or_error(context.state, number) for number in ids]


def _find_or_error(state: State, id: str) -> Fields | GraphQLError:
    # A returned error makes one item null; a raised one, the whole list.
    try:
        return _find(state, id)
    except GraphQLError as error:
        return error


def _find(state: State, id: str) -> Fields:
    """Return the object with a global node id, in the old or new format."""
    try:
        packed = base64.urlsafe_b64decode(id.partition('_')[2] + '==')
    except (binascii.Error, ValueError):
        packed = b''
    number = int.from_bytes(packed[3:], 'big')
    candidates: tuple[Repository | Account | None, ...] = (
        state.repositories.get(state.recorded_node_ids.get(id, number)),
        state.accounts.get(number),
    )
    for found in candidates:
        if found is not None and found.node_id == id:
            if isinstance(found, Account):
                return account_node(found)
            return repository_node(found, state)
    raise _not_found(
        f"Could not resolve to a node with the global id of '{id}'"
    )


def _not_found(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={'type': 'NOT_FOUND'})


def _rate_limit(
    source: None, info: GraphQLResolveInfo, dryRun: bool | None
) -> Fields | None:
    context: Context = info.context
    bucket = context.bucket
    if bucket.limit is None:
        return None
    return {
        'cost': context.plan.cost,
        'limit': bucket.limit,
        'nodeCount': context.plan.node_count,
        'remaining': bucket.remaining,
        'resetAt': bucket.reset_at,
        'used': bucket.used,
    }


ROOT_FIELDS: dict[str, Callable[..., Any]] = {
    'node': _node,
    'nodes': _nodes,
    'organization': _account,
    'rateLimit': _rate_limit,
    'repository': _repository,
    'repositoryOwner': _account,
    'user': _account,
}
