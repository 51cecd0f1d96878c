"""REST responds like GitHub."""

import re
import time
from collections.abc import Iterator

import pytest

from github_simulator import Simulator, World
from github_simulator.limits import HourlyLimits
from github_simulator.model import Repository

from .conftest import TOKEN, Client

NOT_FOUND = {
    'message': 'Not Found',
    'documentation_url': 'https://docs.github.com/rest',
    'status': '404',
}


@pytest.fixture
def repository(world: World) -> Repository:
    """A public repository with languages."""
    return next(
        item
        for item in world.repositories.values()
        if item.is_public
        and item.languages
        and item.license_spdx == 'MIT'
        and world.full_name(item).startswith('google/')
    )


def pages(client: Client, path: str) -> Iterator[list[dict[str, object]]]:
    answer = client.read(path)
    while True:
        yield answer.json()
        if 'next' not in answer.links:
            return
        url = answer.links['next']['url']
        assert url.startswith(client.url)
        answer = client.read(url.removeprefix(client.url))


def test_a_list_has_every_public_repository(
    world: World, anonymous: Client
) -> None:
    path = '/orgs/GOOGLE/repos?sort=created&direction=asc&per_page=100'
    listed = [item for page in pages(anonymous, path) for item in page]
    expected = sorted(
        (item.created_at, item.id)
        for item in world.repositories.values()
        if item.is_public and world.full_name(item).startswith('google/')
    )
    assert [item['id'] for item in listed] == [id for _, id in expected]


def test_links_are_as_recorded(world: World, client: Client) -> None:
    google = world.account_by_login('google')
    assert google is not None
    list_url = f'{client.url}/organizations/{google.id}/repos?per_page=60'
    link = {
        page: client.read(f'/orgs/google/repos?per_page=60&page={page}')
        for page in (1, 3, 5)
    }
    assert link[1].headers['Link'] == (
        f'<{list_url}&page=2>; rel="next", <{list_url}&page=5>; rel="last"'
    )
    assert link[3].headers['Link'] == (
        f'<{list_url}&page=2>; rel="prev", <{list_url}&page=4>; rel="next", '
        f'<{list_url}&page=5>; rel="last", <{list_url}&page=1>; rel="first"'
    )
    assert link[5].headers['Link'] == (
        f'<{list_url}&page=4>; rel="prev", <{list_url}&page=1>; rel="first"'
    )
    assert client.read(f'/user/{google.id}/repos').status_code == 200


def test_a_single_page_has_no_link(client: Client) -> None:
    answer = client.read('/users/torvalds/repos?per_page=100')
    assert len(answer.json()) == 11
    assert 'Link' not in answer.headers


def test_a_page_has_thirty_items_by_default_and_at_most_a_hundred(
    client: Client,
) -> None:
    sizes = [
        len(client.read(f'/orgs/google/repos{query}').json())
        for query in ('', '?per_page=1000', '?per_page=none', '?page=99')
    ]
    assert sizes == [30, 100, 30, 0]


@pytest.mark.parametrize('sort', ['created', 'updated', 'pushed'])
@pytest.mark.parametrize('direction', ['asc', 'desc'])
def test_lists_are_sorted_by_time(
    client: Client, sort: str, direction: str
) -> None:
    path = f'/orgs/google/repos?sort={sort}&direction={direction}&per_page=90'
    listed = [item for page in pages(client, path) for item in page]
    keys = [(str(item[f'{sort}_at'] or ''), item['id']) for item in listed]
    assert keys == sorted(keys, reverse=direction == 'desc')


def test_defaults_are_the_documented_ones(client: Client) -> None:
    created = [
        item['created_at'] for item in client.read('/orgs/google/repos').json()
    ]
    assert created == sorted(created, reverse=True)
    names = [
        item['full_name'].lower()
        for item in client.read('/users/google/repos').json()
    ]
    assert names == sorted(names)


def test_lists_can_be_filtered_by_type(
    world: World, client: Client, anonymous: Client
) -> None:
    def listed(client: Client, path: str) -> list[dict[str, object]]:
        return [
            item
            for page in pages(client, f'{path}&per_page=100')
            for item in page
        ]

    forks = listed(anonymous, '/orgs/google/repos?type=forks')
    sources = listed(anonymous, '/orgs/google/repos?type=sources')
    private = listed(client, '/orgs/google/repos?type=private')
    assert {item['fork'] for item in forks} == {True}
    assert len(forks) + len(sources) == 250
    assert private and {item['private'] for item in private} == {True}
    assert listed(anonymous, '/orgs/google/repos?type=private') == []
    assert len(listed(client, '/orgs/google/repos?type=all')) == 250 + len(
        private
    )
    # A user's list is always public; `all` includes repositories of others.
    owners = {
        type_: [
            str(item['full_name']).split('/')[0]
            for item in listed(client, f'/users/torvalds/repos?type={type_}')
        ]
        for type_ in ('owner', 'all', 'member')
    }
    assert owners['owner'] == ['torvalds'] * 11
    assert sorted(owners['all']) == ['google'] + ['torvalds'] * 11
    assert owners['member'] == ['google']


def test_a_repository_is_described(
    world: World, client: Client, repository: Repository
) -> None:
    name = world.full_name(repository)
    found = client.read(f'/repos/{name.upper()}').json()
    expected = {
        'id': repository.id,
        'node_id': repository.node_id,
        'full_name': name,
        'private': False,
        'visibility': 'public',
        'fork': repository.is_fork,
        'archived': repository.is_archived,
        'description': repository.description,
        'language': repository.language,
        'license': {
            'key': 'mit',
            'name': 'MIT License',
            'spdx_id': 'MIT',
            'url': 'https://api.github.com/licenses/mit',
            'node_id': 'MDc6TGljZW5zZW1pdA==',
        },
        'stargazers_count': repository.stars,
        'watchers_count': repository.stars,
        'forks_count': repository.forks,
        'open_issues_count': repository.open_issues
        + repository.open_pull_requests,
        'created_at': repository.created_at.strftime('%Y-%m-%dT%H:%M:%SZ'),
        'url': f'{client.url}/repos/{name}',
        'languages_url': f'{client.url}/repos/{name}/languages',
        'html_url': f'https://github.com/{name}',
    }
    assert {key: found[key] for key in expected} == expected
    assert client.read(f'/repositories/{repository.id}').json() == found


def test_languages_are_bytes_by_name(
    world: World, client: Client, repository: Repository
) -> None:
    world.set_languages(repository.id, {'C': 1, "Cap'n Proto": 2**31})
    name = world.full_name(repository)
    for path in (f'/repos/{name}', f'/repositories/{repository.id}'):
        answer = client.read(f'{path}/languages')
        assert answer.text == '{"Cap\'n Proto":2147483648,"C":1}'
    world.set_languages(repository.id, {})
    assert client.read(f'/repos/{name}/languages').text == '{}'


def test_accounts_are_found_by_login_and_id(
    world: World, client: Client
) -> None:
    google = client.read('/users/Google').json()
    account = world.account_by_login('google')
    assert account is not None
    assert (google['login'], google['type'], google['public_repos']) == (
        'google',
        'Organization',
        250,
    )
    assert client.read(f'/user/{account.id}').json() == google
    assert client.read('/orgs/google').json()['id'] == account.id
    assert client.read('/users/torvalds').json()['type'] == 'User'
    for path in (
        '/orgs/torvalds',
        '/orgs/torvalds/repos',
        '/users/no-such-user',
    ):
        answer = client.read(path)
        assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


def test_a_renamed_repository_redirects_until_its_name_is_reused(
    world: World, client: Client, repository: Repository
) -> None:
    old = world.full_name(repository)
    world.rename(repository.id, 'renamed')
    for suffix in ('', '/languages'):
        url = f'{client.url}/repositories/{repository.id}{suffix}'
        answer = client.read(f'/repos/{old}{suffix}')
        assert answer.status_code == 301
        assert answer.headers['Location'] == url
        assert answer.json()['message'] == 'Moved Permanently'
        assert answer.json()['url'] == url
        assert client.read(url.removeprefix(client.url)).status_code == 200
    new = world.create(repository.owner_id, old.partition('/')[2])
    assert client.read(f'/repos/{old}').json()['id'] == new.id


def test_a_renamed_account_redirects_its_repositories_only(
    world: World, client: Client, repository: Repository
) -> None:
    old = world.full_name(repository)
    world.rename_account(repository.owner_id, 'alphabet')
    assert client.read('/users/google').status_code == 404
    assert client.read('/orgs/google/repos').status_code == 404
    assert client.read(f'/repos/{old}').status_code == 301
    account = client.read(f'/user/{repository.owner_id}').json()
    assert account['login'] == 'alphabet'


def test_private_repositories_require_a_token(
    world: World, client: Client, anonymous: Client, repository: Repository
) -> None:
    world.set_visibility(repository.id, 'private')
    for path in (
        f'/repos/{world.full_name(repository)}',
        f'/repositories/{repository.id}',
        f'/repositories/{repository.id}/languages',
    ):
        assert anonymous.read(path).status_code == 404
        assert client.read(path).status_code == 200
    world.vanish(repository.id)
    assert client.read(f'/repositories/{repository.id}').status_code == 404


def test_an_unchanged_response_is_304_and_free_with_a_token(
    world: World,
    simulator: Simulator,
    client: Client,
    anonymous: Client,
    repository: Repository,
) -> None:
    path = f'/repositories/{repository.id}'
    for asker, is_free in ((client, True), (anonymous, False)):
        first = asker.read(path)
        etag = first.headers['ETag']
        assert re.fullmatch(r'W/"[0-9a-f]{64}"', etag)
        again = asker.read(path, **{'If-None-Match': etag})
        assert (again.status_code, again.content) == (304, b'')
        used = int(again.headers['X-RateLimit-Used'])
        assert used == int(first.headers['X-RateLimit-Used']) + (not is_free)
    assert simulator.requests == {
        'rest:repository': 4,
        'rest:not_modified': 2,
    }
    world.star(repository.id)
    assert client.read(path, **{'If-None-Match': etag}).status_code == 200


def test_sixty_requests_an_hour_need_no_token(
    simulator: Simulator, anonymous: Client, client: Client
) -> None:
    headers = [anonymous.read('/users/torvalds').headers for _ in range(60)]
    assert headers[0]['X-RateLimit-Limit'] == '60'
    assert headers[0]['X-RateLimit-Resource'] == 'core'
    assert [int(item['X-RateLimit-Remaining']) for item in headers] == list(
        range(59, -1, -1)
    )
    answer = anonymous.read('/users/torvalds')
    assert answer.status_code == 403
    assert answer.json()['message'].startswith(
        'API rate limit exceeded for 127.0.0.1.'
    )
    assert answer.headers['X-RateLimit-Remaining'] == '0'
    assert 0 < int(answer.headers['X-RateLimit-Reset']) - time.time() <= 3600
    summary = anonymous.read('/rate_limit').json()
    assert summary['resources']['core']['remaining'] == 0
    assert summary['rate'] == summary['resources']['core']
    assert client.read('/users/torvalds').status_code == 200


def test_the_limit_is_reset_after_an_hour(world: World) -> None:
    now = [1_800_000_000.0]
    limits = HourlyLimits(core=1)
    with (
        Simulator(
            world, hourly_limits=limits, clock=lambda: now[0]
        ) as simulator,
        Client(simulator.url) as client,
    ):
        statuses = []
        for seconds in (0, 1, 3598, 1):
            now[0] += seconds
            answer = client.read('/users/google')
            statuses.append(answer.status_code)
        assert statuses == [200, 403, 403, 200]
        assert answer.headers['Date'] == 'Fri, 15 Jan 2027 09:00:00 GMT'


def test_a_wrong_token_is_refused(simulator: Simulator) -> None:
    for path in ('/users/google', '/rate_limit'):
        with Client(simulator.url, token='wrong') as client:
            answer = client.read(path)
        assert answer.status_code == 401
        assert answer.json() == {
            'message': 'Bad credentials',
            'documentation_url': 'https://docs.github.com/rest',
            'status': '401',
        }
        assert answer.headers['X-RateLimit-Limit'] == '60'


def test_the_older_authorization_scheme_works(simulator: Simulator) -> None:
    with Client(simulator.url, token=None) as client:
        headers = {'Authorization': f'token {TOKEN}'}
        answer = client.read('/users/google', **headers)
    assert answer.headers['X-RateLimit-Limit'] == '5000'


def test_a_user_agent_is_required(anonymous: Client) -> None:
    answer = anonymous.read('/users/google', **{'User-Agent': ''})
    assert answer.status_code == 403
    assert 'Missing or invalid User Agent string' in answer.text
    assert answer.headers['Content-Type'] == 'application/octet-stream'


def test_two_versions_of_the_api_are_supported(client: Client) -> None:
    name = {'2022-11-28': True, '2026-03-10': False}
    for version, has_downloads in name.items():
        headers = {'X-GitHub-Api-Version': version}
        answer = client.read('/orgs/google/repos', **headers)
        assert answer.headers['X-GitHub-Api-Version-Selected'] == version
        assert ('has_downloads' in answer.json()[0]) is has_downloads
        limits = client.read('/rate_limit', **headers).json()
        assert ('rate' in limits) is has_downloads
    headers = {'X-GitHub-Api-Version': '2001-01-01'}
    assert client.read('/users/google', **headers).status_code == 400


def test_responses_have_github_s_headers(client: Client) -> None:
    answer = client.read('/users/google')
    assert answer.headers['Content-Type'] == 'application/json; charset=utf-8'
    assert answer.headers['Content-Encoding'] == 'gzip'
    assert re.fullmatch(
        r'([0-9A-F]+:){4}[0-9A-F]+', answer.headers['X-GitHub-Request-Id']
    )
    plain = client.read('/users/google', **{'Accept-Encoding': 'identity'})
    assert 'Content-Encoding' not in plain.headers
    assert plain.json() == answer.json()


@pytest.mark.parametrize(
    'path', ['/users/google/', '/nothing', '/', '/graphql', '/orgs/google/x']
)
def test_unknown_paths_are_not_found(client: Client, path: str) -> None:
    answer = client.read(path)
    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


def test_write_requests_are_not_found(
    client: Client, simulator: Simulator
) -> None:
    for method in ('POST', 'PUT', 'PATCH', 'DELETE'):
        answer = client.request(method, f'{client.url}/users/google')
        assert answer.status_code == 404


def test_links_of_an_enterprise_server_keep_its_prefix(
    world: World, client: Client, repository: Repository
) -> None:
    base_url = f'{client.url}/api/v3'
    answer = client.read('/api/v3/orgs/google/repos')
    next_url = answer.links['next']['url']
    assert next_url.startswith(f'{base_url}/organizations/')
    assert answer.json()[0]['url'].startswith(f'{base_url}/repos/google/')
    assert client.read(next_url.removeprefix(client.url)).status_code == 200
    old = world.full_name(repository)
    world.rename(repository.id, 'renamed')
    moved = client.read(f'/api/v3/repos/{old}')
    assert moved.headers['Location'].startswith(f'{base_url}/repositories/')
