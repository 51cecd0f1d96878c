"""Answer GitHub's GraphQL requests with a reduced schema of our own."""

import functools
import importlib.resources
import json
import re
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLInt,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLSyntaxError,
    build_schema,
    execute,
    parse,
    validate,
)
from graphql.execution import ExecutionResult

from github_warehouse.simulator.cost import Plan, plan_of
from github_warehouse.simulator.exchange import Answer, Request, refusal
from github_warehouse.simulator.figures import added_fields, with_figures
from github_warehouse.simulator.limits import Bucket
from github_warehouse.simulator.lists import CONNECTION_FIELDS
from github_warehouse.simulator.resolvers import (
    ROOT_FIELDS,
    Context,
    resolve_by_name,
    resolve_type,
)
from github_warehouse.simulator.state import State

UNKNOWN_FIELD = re.compile(r"Cannot query field '(\w+)' on type '(\w+)'")
# GitHub types sizes as Int, and yet serves sizes that need 64 bits.
LENIENT_INT = GraphQLScalarType('LenientInt', serialize=int)


@dataclass(frozen=True, slots=True)
class Query:
    """A request's query, parsed and validated; `plan` says what it asks.

    `problems` tells why it cannot be executed, `refused` is the answer to
    a body that holds no query at all.
    """

    document: DocumentNode | None
    variables: dict[str, Any]
    operation_name: str | None
    plan: Plan
    problems: tuple[GraphQLError, ...] = ()
    refused: Answer | None = None

    @property
    def kind(self) -> str:
        """Return the kind under which the request is counted."""
        if self.plan.has_repositories:
            return 'graphql:repositories'
        if 'nodes' in self.plan.root_fields:
            return 'graphql:nodes'
        return 'graphql:other'


@functools.cache
def schema(
    lacking: frozenset[str] = frozenset(), has_figures: bool = False
) -> GraphQLSchema:
    """Return the schema with its resolvers, without some fields.

    With figures, it has the fields that metrics are declared to have, too.
    """
    text = (
        importlib.resources.files('github_warehouse.simulator')
        .joinpath('schema.graphql')
        .read_text(encoding='utf-8')
    )
    built = build_schema(text + (added_fields(text) if has_figures else ''))
    for object_type in built.type_map.values():
        if not isinstance(object_type, GraphQLObjectType):
            continue
        if object_type.name.startswith('__'):
            continue
        for name, field in list(object_type.fields.items()):
            if f'{object_type.name}.{name}' in lacking:
                del object_type.fields[name]
                continue
            field.type = _lenient(field.type)
            field.resolve = (
                ROOT_FIELDS[name]
                if object_type.name == 'Query'
                else CONNECTION_FIELDS.get((object_type.name, name))
            )
            if has_figures and object_type.name == 'Repository':
                field.resolve = with_figures(name, field.resolve)
    return built


def read_query(request: Request, lacking: frozenset[str]) -> Query:
    """Read the query in a request's body; some fields are not there."""
    try:
        body = json.loads(request.body)
    except ValueError:
        return _refused(refusal(400, 'Problems parsing JSON'))
    text = body.get('query') if isinstance(body, dict) else None
    if not isinstance(text, str):
        message = 'A query attribute must be specified and must be a string.'
        return _refused(refusal(400, message))
    variables = body.get('variables') or {}
    if not isinstance(variables, dict):
        return _refused(refusal(400, 'Variables must be an object.'))
    operation_name = body.get('operationName')
    document, problems = _prepared(text, lacking)
    plan = Plan()
    if document is not None:
        plan = plan_of(document, variables, operation_name)
    return Query(document, variables, operation_name, plan, problems)


def answer(query: Query, state: State, bucket: Bucket) -> Answer:
    """Charge the query to the bucket and execute it.

    A dry run is neither charged nor executed beyond `rateLimit`.
    """
    if query.refused is not None:
        return query.refused
    if not query.plan.is_dry_run and not bucket.take(query.plan.cost):
        message = 'API rate limit exceeded for user ID 1.'
        return Answer(
            data={'errors': [{'type': 'RATE_LIMITED', 'message': message}]}
        )
    if query.problems:
        return Answer(
            data={'errors': [_formatted(error) for error in query.problems]}
        )
    if query.plan.problems:
        return Answer(data={'data': None, 'errors': query.plan.problems})
    return _executed(query, Context(state, query.plan, bucket))


def _executed(query: Query, context: Context) -> Answer:
    assert query.document is not None
    result = execute(
        schema(has_figures=True),
        query.document,
        context_value=context,
        variable_values=query.variables,
        operation_name=query.operation_name,
        field_resolver=resolve_by_name,
        type_resolver=resolve_type,
        is_awaitable=lambda value: False,
    )
    assert isinstance(result, ExecutionResult)
    answered: dict[str, Any] = {}
    if result.data is not None or not result.errors:
        answered['data'] = result.data
    if result.errors:
        answered['errors'] = [_formatted(error) for error in result.errors]
    return Answer(data=answered)


def _refused(refused: Answer) -> Query:
    return Query(None, {}, None, Plan(), (), refused)


@functools.lru_cache(maxsize=256)
def _prepared(
    text: str, lacking: frozenset[str]
) -> tuple[DocumentNode | None, tuple[GraphQLError, ...]]:
    try:
        document = parse(text)
    except GraphQLSyntaxError as error:
        return None, (error,)
    return document, tuple(validate(schema(lacking, True), document))


def _formatted(error: GraphQLError) -> dict[str, Any]:
    """Return an error in GitHub's form: its type stands at the top."""
    formatted: dict[str, Any] = {}
    extensions = dict(error.extensions or {})
    if 'type' in extensions:
        formatted['type'] = extensions.pop('type')
    if error.path:
        formatted['path'] = error.path
    message = error.message
    unknown = UNKNOWN_FIELD.match(message)
    if unknown:
        field, parent = unknown.groups()
        message = f"Field '{field}' doesn't exist on type '{parent}'"
        extensions = {
            'code': 'undefinedField',
            'typeName': parent,
            'fieldName': field,
        }
    if extensions:
        formatted['extensions'] = extensions
    if error.locations:
        formatted['locations'] = [
            {'line': place.line, 'column': place.column}
            for place in error.locations
        ]
    formatted['message'] = message
    return formatted


def _lenient(field_type: GraphQLOutputType) -> GraphQLOutputType:
    if field_type is GraphQLInt:
        return LENIENT_INT
    if isinstance(field_type, GraphQLNonNull):
        return GraphQLNonNull(_lenient(field_type.of_type))
    return field_type
