"""Response GitHub's GraphQL requests with a reduced schema of our own."""

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

from github_simulator.figures import added_fields, with_figures
from github_simulator.graphql_connections import CONNECTION_FIELDS
from github_simulator.graphql_cost import Plan, make_plan
from github_simulator.graphql_resolvers import (
    ROOT_FIELDS,
    Context,
    resolve_by_name,
    resolve_type,
)
from github_simulator.http_messages import Request, Response, error_response
from github_simulator.limits import Bucket
from github_simulator.state import State

UNKNOWN_FIELD = re.compile(r"Cannot query field '(\w+)' on type '(\w+)'")
# GitHub declares sizes as Int but serves sizes that need 64 bits.
LENIENT_INT = GraphQLScalarType('LenientInt', serialize=int)


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed and validated query.

    `problems` are the reasons why it cannot be executed. `rejection` is the
    response if the body contains no query.
    """

    document: DocumentNode | None
    variables: dict[str, Any]
    operation_name: str | None
    plan: Plan
    problems: tuple[GraphQLError, ...] = ()
    rejection: Response | None = None

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
    """Return the schema with its resolvers, without the lacking fields.

    With figures, it has the fields that metrics are declared to have, too.
    """
    text = (
        importlib.resources.files('github_simulator')
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
            field.type = _allow_large_ints(field.type)
            field.resolve = (
                ROOT_FIELDS[name]
                if object_type.name == 'Query'
                else CONNECTION_FIELDS.get((object_type.name, name))
            )
            if has_figures and object_type.name == 'Repository':
                field.resolve = with_figures(name, field.resolve)
    return built


def read_query(request: Request, lacking: frozenset[str]) -> Query:
    """Parse and validate the query in a request's body."""
    try:
        body = json.loads(request.body)
    except ValueError:
        return _rejected(error_response(400, 'Problems parsing JSON'))
    text = body.get('query') if isinstance(body, dict) else None
    if not isinstance(text, str):
        message = 'A query attribute must be specified and must be a string.'
        return _rejected(error_response(400, message))
    variables = body.get('variables') or {}
    if not isinstance(variables, dict):
        return _rejected(error_response(400, 'Variables must be an object.'))
    operation_name = body.get('operationName')
    document, problems = _parse(text, lacking)
    plan = Plan()
    if document is not None:
        plan = make_plan(document, variables, operation_name)
    return Query(document, variables, operation_name, plan, problems)


def respond(query: Query, state: State, bucket: Bucket) -> Response:
    """Charge the query to the bucket and execute it.

    A dry run is not charged; of its fields only `rateLimit` is resolved.
    """
    if query.rejection is not None:
        return query.rejection
    if not query.plan.is_dry_run and not bucket.take(query.plan.cost):
        message = 'API rate limit exceeded for user ID 1.'
        return Response(
            data={'errors': [{'type': 'RATE_LIMITED', 'message': message}]}
        )
    if query.problems:
        return Response(
            data={'errors': [_format_error(error) for error in query.problems]}
        )
    if query.plan.problems:
        return Response(data={'data': None, 'errors': query.plan.problems})
    return _execute(query, Context(state, query.plan, bucket))


def _execute(query: Query, context: Context) -> Response:
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
    answer: dict[str, Any] = {}
    if result.data is not None or not result.errors:
        answer['data'] = result.data
    if result.errors:
        answer['errors'] = [_format_error(error) for error in result.errors]
    return Response(data=answer)


def _rejected(rejection: Response) -> Query:
    return Query(None, {}, None, Plan(), (), rejection)


@functools.lru_cache(maxsize=256)
def _parse(
    text: str, lacking: frozenset[str]
) -> tuple[DocumentNode | None, tuple[GraphQLError, ...]]:
    try:
        document = parse(text)
    except GraphQLSyntaxError as error:
        return None, (error,)
    return document, tuple(validate(schema(lacking, True), document))


def _format_error(error: GraphQLError) -> dict[str, Any]:
    """Return an error in GitHub's format, with `type` at the top level."""
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


def _allow_large_ints(field_type: GraphQLOutputType) -> GraphQLOutputType:
    if field_type is GraphQLInt:
        return LENIENT_INT
    if isinstance(field_type, GraphQLNonNull):
        return GraphQLNonNull(_allow_large_ints(field_type.of_type))
    return field_type
