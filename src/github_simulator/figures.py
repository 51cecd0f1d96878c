"""The values that the simulated GitHub serves for the declared metrics.

Some metrics are part of the world. The values of the others are generated from
the repository and the day, and are the same over REST and GraphQL.
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

# Keys that REST returns for a single repository, but not in lists.
ONLY_IN_SINGLE_ANSWERS = frozenset(('network_count', 'subscribers_count'))


def watcher_count(repository: Repository) -> int:
    """Return the number of watchers: one, and one for every 20 stars."""
    return 1 + repository.stars // 20


# Values by selection on GraphQL's Repository.
WORLD_VALUES: dict[str, Callable[[Repository], int]] = {
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
    """Return today's value of a metric; None if the API does not have it.

    Args:
        metric: the declared metric.
        repository: the repository.
        state: the state of the world.
        is_rest: whether the API is REST (a list), not GraphQL.
    """
    if is_rest and not set(metric.rest) - ONLY_IN_SINGLE_ANSWERS:
        return None
    if not is_rest and not metric.graphql:
        return None
    return _value(metric, repository, state)


def rest_values(repository: Repository, state: State) -> dict[str, int]:
    """Return the generated values in a REST list, by key."""
    return {
        key: _value(metric, repository, state)
        for metric in METRICS
        if not _is_in_world(metric)
        for key in metric.rest
        if key not in ONLY_IN_SINGLE_ANSWERS
    }


def added_fields(schema: str) -> str:
    """Return the declared fields that a schema lacks, as GraphQL."""
    added = {
        field.name.value: field
        for field in map(_parsed, _generated())
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
    """Return a resolver of a field of Repository with generated values.

    It is the given resolver if no value of the field is generated.
    """
    generated = {
        text: metric
        for text, metric in _generated().items()
        if _parsed(text).name.value == name
    }
    if not generated:
        return resolve

    def resolve_figure(
        source: dict[str, Any], info: GraphQLResolveInfo, **arguments: Any
    ) -> Any:
        field = info.field_nodes[0]
        text = _written(field)
        if text not in generated:
            return (
                resolve(source, info, **arguments) if resolve else source[name]
            )
        repository, state = source['repository'], info.context.state
        return _nested(field, _part(generated[text], text, repository, state))

    return resolve_figure


def _value(metric: Metric, repository: Repository, state: State) -> int:
    if not metric.graphql:
        return _generate(metric, metric.name, repository, state)
    texts = _texts(metric)
    if len(texts) == 1:
        return _part(metric, texts[0], repository, state)
    return sum(_part(metric, text, repository, state) for text in texts)


def _part(
    metric: Metric, text: str, repository: Repository, state: State
) -> int:
    if text in WORLD_VALUES:
        return WORLD_VALUES[text](repository)
    return _generate(metric, text, repository, state)


def _generate(
    metric: Metric, text: str, repository: Repository, state: State
) -> int:
    """Return a pseudorandom value: a flag may change once a week."""
    number = stable_hash(text, repository.id) % 1000 + state.today.toordinal()
    return number // 7 % 2 == 1 if metric.kind == 'flag' else number % 1000


def _is_in_world(metric: Metric) -> bool:
    return bool(metric.graphql) and WORLD_VALUES.keys() >= {*_texts(metric)}


@functools.cache
def _texts(metric: Metric) -> tuple[str, ...]:
    return tuple(_written(_parsed(text)) for text in metric.graphql)


@functools.cache
def _generated() -> dict[str, Metric]:
    """Return the metrics whose values are generated, by selection."""
    return {
        text: metric
        for metric in METRICS
        for text in _texts(metric)
        if text not in WORLD_VALUES
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
    """Return a value, nested in objects for the fields that lead to it."""
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
