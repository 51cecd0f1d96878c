"""Simulated responses have the structure of GitHub's."""

import json
from pathlib import Path
from typing import Any

import graphql
import pytest

from github_simulator import Simulator, World
from github_simulator.graphql_api import schema

from .conftest import Client

OURS = {
    name: type_
    for name, type_ in schema().type_map.items()
    if not name.startswith('__') and name != 'LenientInt'
}
# Fields newer than the recordings of 2019.
NEWER = {
    'allow_forking',
    'has_discussions',
    'is_template',
    'topics',
    'visibility',
    'web_commit_signoff_required',
}


@pytest.fixture(scope='session')
def official(data: Path) -> graphql.GraphQLSchema:
    """GitHub's own schema."""
    text = (data / 'github/schema.graphql').read_text()
    return graphql.build_schema(text, assume_valid=True)


def type_text(type_: object) -> str:
    return str(type_).replace('LenientInt', 'Int')


@pytest.mark.parametrize('name', sorted(OURS))
def test_a_type_matches_the_official_schema(
    official: graphql.GraphQLSchema, name: str
) -> None:
    ours: Any = OURS[name]
    theirs: Any = official.type_map[name]
    assert type(theirs) is type(ours)
    if isinstance(ours, graphql.GraphQLEnumType):
        assert set(ours.values) == set(theirs.values)
    if isinstance(ours, graphql.GraphQLInputObjectType):
        assert {
            key: str(field.type) for key, field in ours.fields.items()
        } == {key: str(field.type) for key, field in theirs.fields.items()}
    if isinstance(
        ours, graphql.GraphQLObjectType | graphql.GraphQLInterfaceType
    ):
        interfaces = {item.name for item in theirs.interfaces}
        assert {item.name for item in ours.interfaces} <= interfaces
        for key, field in ours.fields.items():
            assert_same_field(field, theirs.fields[key])


def assert_same_field(ours: Any, theirs: Any) -> None:
    assert type_text(ours.type) == str(theirs.type)
    for name, argument in ours.args.items():
        expected = theirs.args[name]
        assert str(argument.type) == str(expected.type)
        assert argument.default_value == expected.default_value


def test_our_query_runs_unchanged(
    data: Path, world: World, client: Client
) -> None:
    text = (data / 'github/owner_repositories.graphql').read_text()
    assert graphql.validate(schema(), graphql.parse(text)) == []
    answer = client.query(text, login='google', first=100, langs=100)
    assert 'errors' not in answer
    assert answer['data']['rateLimit']['nodeCount'] == 12_100
    owner = answer['data']['repositoryOwner']
    assert owner['repositories']['pageInfo']['hasNextPage'] is True
    for node in owner['repositories']['nodes']:
        repository = world.repositories[node['databaseId']]
        assert {
            edge['node']['name']: edge['size']
            for edge in node['languages']['edges']
        } == repository.languages
        assert node['repositoryTopics']['nodes'] == [
            {'topic': {'name': name}} for name in repository.topics
        ]


def shape(items: list[Any]) -> dict[str, set[str]]:
    """Return the types of every field, including nested fields."""
    found: dict[str, set[str]] = {}
    for item in items:
        for key, value in item.items():
            found.setdefault(key, set()).add(type(value).__name__)
            if isinstance(value, dict):
                for name, kinds in shape([value]).items():
                    found.setdefault(f'{key}.{name}', set()).update(kinds)
    return found


def test_repositories_have_the_recorded_shape(
    data: Path, client: Client
) -> None:
    files = (data / 'recorded/jenkinsci/__files').glob('*_repos.json')
    recorded = shape(
        [item for file in files for item in json.loads(file.read_text())]
    )
    served = shape(client.read('/orgs/google/repos?per_page=100').json())
    later = {
        key
        for key in served
        if key in NEWER
        or key in ('permissions.maintain', 'permissions.triage')
        or key == 'owner.user_view_type'
    }
    assert set(served) - later == set(recorded)
    for key in set(served) - later:
        assert served[key] <= recorded[key] | {'NoneType'}, key


def test_links_have_the_recorded_format(
    data: Path, simulator: Simulator
) -> None:
    folder = data / 'recorded/jenkinsci/mappings'
    recorded = json.loads(
        (folder / '10-organizations_107424_repos.json').read_text()
    )
    google = simulator.world.account_by_login('google')
    assert google is not None
    with Client(simulator.url) as client:
        path = '/orgs/google/repos?per_page=10&page=8'
        link = client.read(path).headers['Link']
    assert link == (
        recorded['response']['headers']['Link']
        .replace('https://api.github.com', simulator.url)
        .replace('107424', str(google.id))
        .replace('per_page=100', 'per_page=10')
        .replace('page=23>', f'page={last_page(simulator.world)}>')
    )


def last_page(world: World) -> int:
    google = world.account_by_login('google')
    assert google is not None
    return -(-len(world.owned_by(google.id)) // 10)
