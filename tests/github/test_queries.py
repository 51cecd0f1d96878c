"""Every query is valid against GitHub's official schema."""

from pathlib import Path

import graphql
import pytest

from github_warehouse.github import fields
from github_warehouse.github.fields import read_query
from support import NEEDS_SHARED_DATA, SHARED_DATA

SCHEMA = SHARED_DATA / 'github' / 'schema.graphql'
QUERIES = sorted(
    path.stem
    for path in (Path(fields.__file__).parent / 'queries').iterdir()
    if path.stem != 'repository_fields'
)


@pytest.fixture(scope='module')
def schema() -> graphql.GraphQLSchema:
    if not SCHEMA.exists():
        pytest.skip(NEEDS_SHARED_DATA)
    return graphql.build_schema(SCHEMA.read_text('utf-8'), assume_valid=True)


@pytest.mark.parametrize('name', QUERIES)
def test_every_query_is_valid(
    name: str, schema: graphql.GraphQLSchema
) -> None:
    document = graphql.parse(read_query(name))
    assert graphql.validate(schema, document) == []


def test_queries_are_found() -> None:
    assert QUERIES == [
        'more_languages',
        'owner_repositories',
        'repositories_by_id',
    ]
