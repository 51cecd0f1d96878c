"""GraphQL responds like GitHub."""

from typing import Any

import pytest

from github_simulator import Simulator, World
from github_simulator.limits import HourlyLimits
from github_simulator.model import Repository

from .conftest import TOKEN, Client

LIST = """
query ($login: String!, $first: Int, $after: String, $last: Int,
       $before: String, $order: RepositoryOrder) {
  repositoryOwner(login: $login) {
    repositories(first: $first, after: $after, last: $last, before: $before,
                 orderBy: $order, ownerAffiliations: [OWNER],
                 visibility: PUBLIC) {
      totalCount
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      nodes { databaseId }
    }
  }
}
"""
CREATED = {'field': 'CREATED_AT', 'direction': 'ASC'}


@pytest.fixture
def repository(world: World) -> Repository:
    """A public repository of google, with languages and a licence."""
    return next(
        item
        for item in world.repositories.values()
        if item.is_public
        and item.languages
        and item.license_spdx
        and world.full_name(item).startswith('google/')
    )


def page(client: Client, **variables: Any) -> Any:
    variables = {'login': 'google', 'order': CREATED, **variables}
    answer = client.query(LIST, **variables)
    assert 'errors' not in answer, answer['errors']
    return answer['data']['repositoryOwner']['repositories']


def ids_of(page: Any) -> list[int]:
    return [node['databaseId'] for node in page['nodes']]


def walk(client: Client, **variables: Any) -> list[int]:
    ids: list[int] = []
    after = None
    while True:
        found = page(client, first=70, after=after, **variables)
        ids += ids_of(found)
        if not found['pageInfo']['hasNextPage']:
            return ids
        after = found['pageInfo']['endCursor']


@pytest.mark.parametrize('direction', ['ASC', 'DESC'])
@pytest.mark.parametrize(
    'field', ['CREATED_AT', 'NAME', 'PUSHED_AT', 'STARGAZERS', 'UPDATED_AT']
)
def test_every_order_lists_every_public_repository_once(
    world: World, client: Client, field: str, direction: str
) -> None:
    ids = walk(client, order={'field': field, 'direction': direction})
    assert sorted(ids) == sorted(
        item.id
        for item in world.repositories.values()
        if item.is_public and world.full_name(item).startswith('google/')
    )
    attribute = field.lower().replace('stargazers', 'stars')
    values = [getattr(world.repositories[id], attribute) for id in ids]
    known = [
        value.lower() if field == 'NAME' else value
        for value in values
        if value is not None
    ]
    assert known == sorted(known, reverse=direction == 'DESC')


def test_cursors_are_stable_when_items_are_removed(
    world: World, client: Client
) -> None:
    first = page(client, first=10)
    rest = ids_of(
        page(client, first=100, after=first['pageInfo']['endCursor'])
    )
    world.vanish(ids_of(first)[3])
    world.vanish(ids_of(first)[-1])
    again = page(client, first=100, after=first['pageInfo']['endCursor'])
    assert ids_of(again) == rest
    assert again['totalCount'] == 248


def test_pages_can_be_read_backward(client: Client) -> None:
    everything = walk(client)
    last = page(client, last=20)
    assert ids_of(last) == everything[-20:]
    assert last['pageInfo']['hasPreviousPage'] is True
    assert last['pageInfo']['hasNextPage'] is False
    before = last['pageInfo']['startCursor']
    assert ids_of(page(client, last=20, before=before)) == everything[-40:-20]


def test_a_repository_has_all_its_fields(
    world: World, client: Client, repository: Repository
) -> None:
    world.set_languages(repository.id, {'C': 2**31, 'Go': 5})
    answer = client.query(
        """
        query ($id: ID!) { node(id: $id) { ... on Repository {
          id databaseId nameWithOwner isPrivate isFork isArchived visibility
          owner { __typename login id } stargazerCount forkCount pushedAt
          issues(states: OPEN) { totalCount }
          pullRequests(states: OPEN) { totalCount }
          closed: issues(states: [CLOSED]) { totalCount }
          primaryLanguage { name color } licenseInfo { spdxId }
          languages(first: 1, orderBy: {field: SIZE, direction: DESC}) {
            totalCount totalSize pageInfo { hasNextPage }
            edges { size node { name } } nodes { name color }
          }
          diskUsage
        } } }
        """,
        id=repository.node_id,
    )
    owner = world.accounts[repository.owner_id]
    pushed_at = repository.pushed_at
    assert pushed_at is not None
    assert answer == {
        'data': {
            'node': {
                'id': repository.node_id,
                'databaseId': repository.id,
                'nameWithOwner': world.full_name(repository),
                'isPrivate': False,
                'isFork': repository.is_fork,
                'isArchived': repository.is_archived,
                'visibility': 'PUBLIC',
                'owner': {
                    '__typename': 'Organization',
                    'login': 'google',
                    'id': owner.node_id,
                },
                'stargazerCount': repository.stars,
                'forkCount': repository.forks,
                'pushedAt': pushed_at.strftime('%Y-%m-%dT%H:%M:%SZ'),
                'issues': {'totalCount': repository.open_issues},
                'pullRequests': {'totalCount': repository.open_pull_requests},
                'closed': {'totalCount': 0},
                'primaryLanguage': {'name': 'C', 'color': '#555555'},
                'licenseInfo': {'spdxId': repository.license_spdx},
                'languages': {
                    'totalCount': 2,
                    'totalSize': 2**31 + 5,
                    'pageInfo': {'hasNextPage': True},
                    'edges': [{'size': 2**31, 'node': {'name': 'C'}}],
                    'nodes': [{'name': 'C', 'color': '#555555'}],
                },
                'diskUsage': 2**21 + 1,
            }
        }
    }


def test_repositories_can_be_filtered(world: World, client: Client) -> None:
    counts = client.query("""
        { organization(login: "google") {
          all: repositories { totalCount }
          public: repositories(privacy: PUBLIC) { totalCount }
          hidden: repositories(privacy: PRIVATE) { totalCount }
          forks: repositories(isFork: true, visibility: PUBLIC) { totalCount }
          archived: repositories(isArchived: true) { totalCount }
          locked: repositories(isLocked: true) { totalCount }
          issues: repositories(hasIssuesEnabled: true) { totalCount }
          others: repositories(ownerAffiliations: [COLLABORATOR]) {
            totalCount
          }
          viewers: repositories(affiliations: [OWNER]) { totalCount }
        } }
        """)['data']['organization']
    google = world.account_by_login('google')
    assert google is not None
    owned = world.owned_by(google.id)
    public = [item for item in owned if item.is_public]
    assert {name: value['totalCount'] for name, value in counts.items()} == {
        'all': len(owned),
        'public': 250,
        'hidden': len(owned) - 250,
        'forks': sum(item.is_fork for item in public),
        'archived': sum(item.is_archived for item in owned),
        'locked': 0,
        'issues': len(owned),
        'others': 0,
        'viewers': 0,
    }


def test_a_user_s_default_list_has_repositories_of_others(
    client: Client,
) -> None:
    answer = client.query(
        '{ user(login: "torvalds") { repositories(first: 100) '
        '{ edges { cursor node { owner { login } } } } } }'
    )
    owners = [
        edge['node']['owner']['login']
        for edge in answer['data']['user']['repositories']['edges']
    ]
    assert set(owners) == {'google', 'torvalds'}


def test_an_unknown_account_is_null(client: Client) -> None:
    assert client.query('{ repositoryOwner(login: "x") { login } }') == {
        'data': {'repositoryOwner': None}
    }
    assert client.query('{ organization(login: "x") { login } }') == {
        'data': {'organization': None},
        'errors': [
            {
                'type': 'NOT_FOUND',
                'path': ['organization'],
                'locations': [{'line': 1, 'column': 3}],
                'message': 'Could not resolve to an Organization with the '
                "login of 'x'.",
            }
        ],
    }
    answer = client.query('{ user(login: "google") { login } }')
    assert answer['errors'][0]['message'] == (
        "Could not resolve to a User with the login of 'google'."
    )


def test_an_unknown_node_is_null_at_its_index(
    client: Client, repository: Repository
) -> None:
    ids = [repository.node_id, 'R_kgDOAAAAAQ', 'nonsense!']
    answer = client.query(
        'query ($ids: [ID!]!) { nodes(ids: $ids) '
        '{ ... on Repository { databaseId } } }',
        ids=ids,
    )
    assert answer['data'] == {
        'nodes': [{'databaseId': repository.id}, None, None]
    }
    assert [
        (error['type'], error['path'], error['message'])
        for error in answer['errors']
    ] == [
        (
            'NOT_FOUND',
            ['nodes', place],
            'Could not resolve to a node with the global id of '
            f"'{ids[place]}'",
        )
        for place in (1, 2)
    ]


def test_a_renamed_repository_is_followed_on_request(
    world: World, client: Client, repository: Repository
) -> None:
    old = repository.name
    world.rename(repository.id, 'renamed')
    text = (
        'query ($name: String!, $follow: Boolean) { repository(owner: '
        '"google", name: $name, followRenames: $follow) { databaseId } }'
    )
    assert client.query(text, name=old, follow=True) == {
        'data': {'repository': {'databaseId': repository.id}}
    }
    refused = client.query(text, name=old, follow=False)
    assert refused['data'] == {'repository': None}
    assert refused['errors'][0]['message'] == (
        f"Could not resolve to a Repository with the name 'google/{old}'."
    )


@pytest.mark.parametrize(
    ('arguments', 'error_type', 'expected'),
    [
        (
            '',
            'MISSING_PAGINATION_BOUNDARIES',
            'You must provide a `first` or `last` value to properly paginate '
            'the `repositories` connection.',
        ),
        (
            '(last: 1000)',
            'EXCESSIVE_PAGINATION',
            'Requesting 1000 records on the `repositories` connection exceeds '
            'the `last` limit of 100 records.',
        ),
        (
            '(first: 1, last: 1)',
            'EXCESSIVE_PAGINATION',
            'Passing both `first` and `last` to paginate the `repositories` '
            'connection is not supported.',
        ),
        (
            '(first: -1)',
            'INVALID_PAGINATION',
            '`first` on the `repositories` connection cannot be less than '
            'zero.',
        ),
    ],
)
def test_invalid_page_sizes_are_refused(
    client: Client, arguments: str, error_type: str, expected: str
) -> None:
    answer = client.query(
        '{ organization(login: "google") { list: repositories'
        + arguments
        + ' { nodes { id } } } }'
    )
    assert answer == {
        'data': None,
        'errors': [
            {
                'type': error_type,
                'path': ['organization', 'list'],
                'message': expected,
            }
        ],
    }


def test_an_invalid_cursor_is_refused(client: Client) -> None:
    for cursor in ('nonsense', 'bm9uc2Vuc2U='):
        answer = client.query(LIST, login='google', first=1, after=cursor)
        assert answer['errors'][0]['type'] == 'INVALID_CURSOR_ARGUMENTS'
        assert answer['errors'][0]['message'] == (
            f'`{cursor}` does not appear to be a valid cursor.'
        )


def test_too_many_nodes_are_refused(
    client: Client, repository: Repository
) -> None:
    languages = ' '.join(
        f'l{n}: languages(first: 100) {{ nodes {{ id }} }}' for n in range(51)
    )
    answer = client.query(
        '{ organization(login: "google") { repositories(first: 100) '
        '{ nodes { ' + languages + ' } } } }'
    )
    assert answer['errors'][0]['type'] == 'MAX_NODE_LIMIT_EXCEEDED'
    assert '510,100 possible nodes' in answer['errors'][0]['message']


def test_cost_is_the_number_of_requests_divided_by_a_hundred(
    client: Client,
) -> None:
    text = """
    query ($first: Int!, $dry: Boolean) {
      rateLimit(dryRun: $dry) { cost nodeCount limit remaining used }
      repositoryOwner(login: "google") { repositories(first: $first) {
        totalCount
        nodes { ...Parts issues(states: OPEN) { totalCount } }
      } }
    }
    fragment Parts on Repository {
      languages(first: 100) { edges { size } }
      repositoryTopics(first: 20) { nodes { topic { name } } }
    }
    """
    dry = client.query(text, first=100, dry=True)['data']
    assert dry == {
        'rateLimit': {
            'cost': 2,
            'nodeCount': 12_100,
            'limit': 5000,
            'remaining': 5000,
            'used': 0,
        },
        'repositoryOwner': None,
    }
    wet = client.query(text, first=10)['data']
    assert wet['rateLimit'] == {
        'cost': 1,
        'nodeCount': 1_210,
        'limit': 5000,
        'remaining': 4999,
        'used': 1,
    }
    assert wet['repositoryOwner']['repositories']['totalCount'] > 250


def test_points_are_limited(world: World) -> None:
    limits = HourlyLimits(graphql=1)
    with (
        Simulator(world, hourly_limits=limits) as simulator,
        Client(simulator.url) as client,
    ):
        text = '{ repositoryOwner(login: "google") { login } }'
        assert 'errors' not in client.query(text)
        answer = client.post(f'{client.url}/graphql', json={'query': text})
        assert answer.status_code == 200
        assert answer.headers['X-RateLimit-Resource'] == 'graphql'
        assert answer.headers['X-RateLimit-Remaining'] == '0'
        assert answer.json() == {
            'errors': [
                {
                    'type': 'RATE_LIMITED',
                    'message': 'API rate limit exceeded for user ID 1.',
                }
            ]
        }
        # REST has its own bucket.
        assert client.read('/users/google').status_code == 200


def test_graphql_requires_a_token(anonymous: Client) -> None:
    answer = anonymous.post(
        f'{anonymous.url}/graphql', json={'query': '{ a }'}
    )
    assert answer.status_code == 401
    assert answer.json()['message'] == (
        'This endpoint requires you to be authenticated.'
    )
    headers = {'Authorization': 'Bearer wrong'}
    answer = anonymous.post(
        f'{anonymous.url}/graphql', json={'query': '{ a }'}, headers=headers
    )
    assert answer.json()['message'] == 'Bad credentials'


def test_an_unknown_field_gets_github_s_message(
    client: Client,
) -> None:
    answer = client.query('{ repository(owner: "a", name: "b") { nope } }')
    assert answer == {
        'errors': [
            {
                'extensions': {
                    'code': 'undefinedField',
                    'typeName': 'Repository',
                    'fieldName': 'nope',
                },
                'locations': [{'line': 1, 'column': 39}],
                'message': "Field 'nope' doesn't exist on type 'Repository'",
            }
        ]
    }
    assert 'data' not in client.query('{ broken')


@pytest.mark.parametrize(
    ('body', 'expected'),
    [
        (b'{', 'Problems parsing JSON'),
        (
            b'{}',
            'A query attribute must be specified and must be a string.',
        ),
        (
            b'{"query": "{a}", "variables": [1]}',
            'Variables must be an object.',
        ),
    ],
)
def test_a_body_without_a_query_is_refused(
    client: Client, body: bytes, expected: str
) -> None:
    answer = client.post(f'{client.url}/graphql', data=body)
    assert (answer.status_code, answer.json()['message']) == (400, expected)


def test_an_enterprise_server_has_its_own_path(simulator: Simulator) -> None:
    body = {'query': '{ organization(login: "GOOGLE") { login name url } }'}
    headers = {'Authorization': f'bearer {TOKEN}'}
    with Client(simulator.url, token=None) as client:
        answers = {
            path: client.post(client.url + path, json=body, headers=headers)
            for path in ('/api/graphql', '/api/v3/graphql')
        }
    assert answers['/api/graphql'].json()['data']['organization'] == {
        'login': 'google',
        'name': 'google',
        'url': 'https://github.com/google',
    }
    assert answers['/api/v3/graphql'].status_code == 404


def test_the_named_operation_is_executed(client: Client) -> None:
    text = (
        'query A { organization(login: "google") { login } } '
        'query B { user(login: "torvalds") { databaseId createdAt } }'
    )
    answer = client.post(
        f'{client.url}/graphql', json={'query': text, 'operationName': 'B'}
    )
    assert list(answer.json()['data']) == ['user']


def test_requests_are_counted_by_kind(
    simulator: Simulator, client: Client
) -> None:
    page(client, first=1)
    client.query('{ nodes(ids: []) { id } }')
    client.query('{ rateLimit { cost resetAt } }')
    client.query('{ broken')
    assert simulator.requests == {
        'graphql:repositories': 1,
        'graphql:nodes': 1,
        'graphql:other': 2,
    }
