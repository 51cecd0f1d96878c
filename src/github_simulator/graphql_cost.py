"""Compute the cost of a GraphQL query before it is executed.

https://docs.github.com/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    value_from_ast_untyped,
)

CONNECTIONS = frozenset(
    (
        'issues',
        'languages',
        'pullRequests',
        'repositories',
        'repositoryTopics',
        'watchers',
    )
)
MAX_RECORDS = 100
MAX_NODES = 500_000


@dataclass(slots=True)
class Plan:
    """What a query requests, what it costs and why it is rejected, if so.

    `page_size` is the size of the largest page of repositories, 0 if none.
    """

    root_fields: set[str] = field(default_factory=set)
    page_size: int = 0
    has_repositories: bool = False
    is_dry_run: bool = False
    request_count: int = 0
    node_count: int = 0
    problems: list[dict[str, Any]] = field(default_factory=list)

    @property
    def cost(self) -> int:
        """Return the points: requests divided by 100, at least 1."""
        return max(1, (self.request_count + 50) // 100)

    def reject(self, kind: str, message: str, path: list[str]) -> None:
        """Add a reason not to execute the query."""
        self.problems.append({'type': kind, 'path': path, 'message': message})


def make_plan(
    document: DocumentNode,
    variables: Mapping[str, Any],
    operation_name: str | None,
) -> Plan:
    """Analyze the operation to execute."""
    plan = Plan()
    fragments = {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    operation = _operation(document, operation_name)
    if operation is not None:
        values = {
            definition.variable.name.value: value_from_ast_untyped(
                definition.default_value
            )
            for definition in operation.variable_definitions
            if definition.default_value is not None
        }
        walk = _Visitor(plan, fragments, {**values, **variables})
        walk.root(operation.selection_set)
    if plan.node_count > MAX_NODES:
        plan.reject(
            'MAX_NODE_LIMIT_EXCEEDED',
            f'This query requests up to {plan.node_count:,} possible nodes '
            f'which exceeds the maximum limit of {MAX_NODES:,}.',
            [],
        )
    return plan


def _operation(
    document: DocumentNode, name: str | None
) -> OperationDefinitionNode | None:
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode) and (
            not name or (node.name is not None and node.name.value == name)
        ):
            return node
    return None


@dataclass(frozen=True, slots=True)
class _Visitor:
    plan: Plan
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, Any]

    def root(self, selections: SelectionSetNode) -> None:
        """Visit the fields of the operation, from its root fields down."""
        for node in self._fields(selections):
            name = node.name.value
            self.plan.root_fields.add(name)
            arguments = self._arguments(node)
            count = 1
            if name == 'nodes':
                count = len(arguments.get('ids') or ())
                self.plan.node_count += count
            if name == 'rateLimit' and arguments.get('dryRun'):
                self.plan.is_dry_run = True
            self._visit(node, count, [_response_key(node)])

    def _visit(self, node: FieldNode, parents: int, path: list[str]) -> None:
        for child in self._fields(node.selection_set):
            where = [*path, _response_key(child)]
            count = parents
            if child.name.value in CONNECTIONS:
                count *= self._connection(child, parents, where)
            self._visit(child, count, where)

    def _connection(
        self, node: FieldNode, parents: int, path: list[str]
    ) -> int:
        """Count the requests of one connection; return its page size."""
        name = node.name.value
        arguments = self._arguments(node)
        self.plan.has_repositories |= name == 'repositories'
        requested = {
            child.name.value for child in self._fields(node.selection_set)
        }
        if not requested & {'nodes', 'edges', 'pageInfo'}:
            return 1
        size = self._size(name, arguments, path)
        if name == 'repositories':
            self.plan.page_size = max(self.plan.page_size, size)
        self.plan.request_count += parents
        self.plan.node_count += parents * size
        return size

    def _size(
        self, name: str, arguments: Mapping[str, Any], path: list[str]
    ) -> int:
        """Return the page size; reject the plan if it is invalid."""
        bounds: dict[str, int] = {
            key: arguments[key]
            for key in ('first', 'last')
            if isinstance(arguments.get(key), int)
        }
        if not bounds:
            self.plan.reject(
                'MISSING_PAGINATION_BOUNDARIES',
                'You must provide a `first` or `last` value to properly '
                f'paginate the `{name}` connection.',
                path,
            )
            return 0
        problem = _page_size_error(name, bounds)
        if problem is not None:
            self.plan.reject(*problem, path)
        return max(0, *bounds.values())

    def _arguments(self, node: FieldNode) -> dict[str, Any]:
        return {
            argument.name.value: value_from_ast_untyped(
                argument.value, dict(self.variables)
            )
            for argument in node.arguments
        }

    def _fields(
        self, selections: SelectionSetNode | None
    ) -> Iterator[FieldNode]:
        for node in selections.selections if selections else ():
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                yield from self._fields(node.selection_set)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self.fragments.get(node.name.value)
                if fragment is not None:
                    yield from self._fields(fragment.selection_set)


def _response_key(node: FieldNode) -> str:
    return node.alias.value if node.alias else node.name.value


def _page_size_error(
    name: str, bounds: Mapping[str, int]
) -> tuple[str, str] | None:
    """Return the type and message of GitHub's error, None if it is valid."""
    key, size = next(iter(bounds.items()))
    if len(bounds) == 2:
        return (
            'EXCESSIVE_PAGINATION',
            f'Passing both `first` and `last` to paginate the `{name}` '
            'connection is not supported.',
        )
    if size > MAX_RECORDS:
        return (
            'EXCESSIVE_PAGINATION',
            f'Requesting {size} records on the `{name}` connection exceeds '
            f'the `{key}` limit of {MAX_RECORDS} records.',
        )
    if size < 0:
        return (
            'INVALID_PAGINATION',
            f'`{key}` on the `{name}` connection cannot be less than zero.',
        )
    return None
