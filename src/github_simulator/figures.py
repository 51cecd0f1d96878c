"""What the simulated GitHub has for the metrics that are declared.

Some of them are in the world. For the others it makes values up that depend on
the repository and the day alone, and serves the same by REST and GraphQL.
"""

import functools
import re
from collections.abc import Callable
from typing import Any

from graphql import FieldNode, GraphQLResolveInfo, parse, print_ast

from github_simulator.model import Repository
from github_simulator.rng import stable_hash
from github_simulator.state import State
from github_warehouse.metrics import METRICS, Metric

# Keys that single answers of REST have and lists have not.
ONLY_IN_SINGLE_ANSWERS = frozenset(('network_count', 'subscribers_count'))


def watcher_count(repository: Repository) -> int:
    """Return who gets notifications: here one for every twenty stars."""
    return 1 + repository.stars // 20


# By selection on GraphQL's Repository.
IN_THE_WORLD: dict[str, Callable[[Repository], int]] = {
    'diskUsage': lambda repository: repository.size_kilobytes,
    'forkCount': lambda repository: repository.forks,
    'isArchived': lambda repository: repository.is_archived,
    'isFork': lambda repository: repository.is_fork,
    'issues(states: OPEN) { totalCount }': (
        lambda repository: repository.open_issues
    ),
    'pullRequests(states: OPEN) { totalCount }': (
        lambda repository: repository.open_pull_requests
    ),
    'stargazerCount': lambda repository: repository.stars,
    'watchers { totalCount }': watcher_count,
}


def true_value(
    metric: Metric, repository: Repository, state: State, is_rest: bool
) -> int | None:
    """Return a metric of a repository today; None where the API lacks it.

    Args:
        metric: as declared.
        repository: of the world.
        state: the world.
        is_rest: whether a REST list is read, or GraphQL.
    """
    if is_rest and not set(metric.rest) - ONLY_IN_SINGLE_ANSWERS:
        return None
    if not is_rest and not metric.graphql:
        return None
    return _value(metric, repository, state)


def rest_values(repository: Repository, state: State) -> dict[str, int]:
    """Return what a REST list has of what is not in the world, by key."""
    return {
        key: _value(metric, repository, state)
        for metric in METRICS
        if not _is_in_the_world(metric)
        for key in metric.rest
        if key not in ONLY_IN_SINGLE_ANSWERS
    }


def added_fields(schema: str) -> str:
    """Return what a schema lacks of the fields declared, as GraphQL."""
    added = {
        field.name.value: field
        for field in map(_parsed, _made_up())
        if not re.search(rf'^  {field.name.value}\b', schema, re.M)
    }
    types = [text for field in added.values() for text in _types(field)]
    lines = [_definition(field) for field in added.values()]
    body = ''.join(f'\n  {line}' for line in lines)
    extension = [f'extend type Repository {{{body}\n}}'] if lines else []
    return '\n'.join(['scalar Anything', *types, *extension])


def with_figures(
    name: str, resolve: Callable[..., Any] | None
) -> Callable[..., Any] | None:
    """Return a resolver of a field of Repository that knows what is made up.

    It is the given one where nothing is.
    """
    made_up = {
        text: metric
        for text, metric in _made_up().items()
        if _parsed(text).name.value == name
    }
    if not made_up:
        return resolve

    def resolve_figure(
        source: dict[str, Any], info: GraphQLResolveInfo, **arguments: Any
    ) -> Any:
        field = info.field_nodes[0]
        text = _written(field)
        if text not in made_up:
            return (
                resolve(source, info, **arguments) if resolve else source[name]
            )
        repository, state = source['repository'], info.context.state
        return _nested(field, _part(made_up[text], text, repository, state))

    return resolve_figure


def _value(metric: Metric, repository: Repository, state: State) -> int:
    if not metric.graphql:
        return _drawn(metric, metric.name, repository, state)
    texts = _texts(metric)
    if len(texts) == 1:
        return _part(metric, texts[0], repository, state)
    return sum(_part(metric, text, repository, state) for text in texts)


def _part(
    metric: Metric, text: str, repository: Repository, state: State
) -> int:
    if text in IN_THE_WORLD:
        return IN_THE_WORLD[text](repository)
    return _drawn(metric, text, repository, state)


def _drawn(
    metric: Metric, text: str, repository: Repository, state: State
) -> int:
    """Draw a value: a count moves every day, a flag every week."""
    number = stable_hash(text, repository.id) % 1000 + state.today.toordinal()
    return number // 7 % 2 == 1 if metric.kind == 'flag' else number % 1000


def _is_in_the_world(metric: Metric) -> bool:
    return bool(metric.graphql) and IN_THE_WORLD.keys() >= {*_texts(metric)}


@functools.cache
def _texts(metric: Metric) -> tuple[str, ...]:
    return tuple(_written(_parsed(text)) for text in metric.graphql)


@functools.cache
def _made_up() -> dict[str, Metric]:
    """Return the selections that are not in the world, with their metrics."""
    return {
        text: metric
        for metric in METRICS
        for text in _texts(metric)
        if text not in IN_THE_WORLD
    }


@functools.cache
def _parsed(text: str) -> FieldNode:
    (definition,) = parse(f'{{ {text} }}').definitions
    (field,) = definition.selection_set.selections  # type: ignore
    assert isinstance(field, FieldNode)
    return field


def _written(field: FieldNode) -> str:
    """Write a selection on one line, without an alias."""
    text = re.sub(r'\s+', ' ', print_ast(field))
    return re.sub(r'^\w+: ', '', text)


def _below(field: FieldNode) -> list[FieldNode]:
    listed = field.selection_set.selections if field.selection_set else ()
    return [each for each in listed if isinstance(each, FieldNode)]


def _nested(field: FieldNode, value: int) -> Any:
    """Return a value below the names of the fields that lead to it."""
    for below in _below(field):
        return {below.name.value: _nested(below, value)}
    return value


def _definition(field: FieldNode) -> str:
    arguments = ', '.join(f'{a.name.value}: Anything' for a in field.arguments)
    of_type = f'{field.name.value}Figures' if _below(field) else 'Anything'
    return (
        f'{field.name.value}({arguments}): {of_type}'
        if arguments
        else f'{field.name.value}: {of_type}'
    )


def _types(field: FieldNode) -> list[str]:
    """Define the types of the objects below a field."""
    below = _below(field)
    if not below:
        return []
    lines = ''.join(f'\n  {_definition(each)}' for each in below)
    return [
        f'type {field.name.value}Figures {{{lines}\n}}',
        *(text for each in below for text in _types(each)),
    ]
