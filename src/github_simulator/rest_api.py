"""Answer GitHub's REST requests about accounts and repositories.

https://docs.github.com/rest/repos/repos and /rest/users/users; what the
documentation leaves open is as recorded answers show it.
"""

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from github_simulator import representation
from github_simulator.exchange import (
    Answer,
    Request,
    not_found,
)
from github_simulator.links import link_header, whole_parameter
from github_simulator.model import Account, Repository
from github_simulator.state import State

REDIRECTS = (
    'https://docs.github.com/rest/guides/'
    'best-practices-for-using-the-rest-api#follow-redirects'
)
PER_PAGE_DEFAULT = 30
PER_PAGE_MOST = 100
LONG_AGO = datetime.datetime.min.replace(tzinfo=datetime.timezone.utc)


@dataclass(frozen=True, slots=True)
class Call:
    """A request together with what it is about and may see."""

    request: Request
    state: State
    is_authenticated: bool

    def can_see(self, repository: Repository | None) -> bool:
        """Say whether the repository exists for this caller."""
        return repository is not None and (
            self.is_authenticated or repository.is_public
        )


def kind_of(path: str) -> str:
    """Return the kind under which requests for this path are counted."""
    for pattern, kind, _ in ROUTES:
        if pattern.fullmatch(path):
            return kind
    return 'rest:rate_limit' if path == '/rate_limit' else 'rest:other'


def answer(call: Call) -> Answer:
    """Return the answer to a GET, 404 for all that is not served."""
    if call.request.method == 'GET':
        for pattern, _, respond in ROUTES:
            match = pattern.fullmatch(call.request.path)
            if match:
                return respond(call, *match.groups())
    return not_found()


def _account(call: Call, login: str) -> Answer:
    return _account_answer(call, call.state.account_by_login(login))


def _account_by_id(call: Call, number: str) -> Answer:
    return _account_answer(call, call.state.accounts.get(int(number)))


def _account_answer(call: Call, account: Account | None) -> Answer:
    if account is None:
        return not_found()
    return Answer(
        data=representation.user_object(
            account, call.state, call.request.base_url
        )
    )


def _organization(call: Call, login: str) -> Answer:
    account = call.state.account_by_login(login)
    if account is None or account.account_type != 'Organization':
        return not_found()
    return Answer(
        data=representation.organization_object(
            account, call.state, call.request.base_url
        )
    )


def _organization_list(call: Call, login: str) -> Answer:
    return _list_of_organization(call, call.state.account_by_login(login))


def _organization_list_by_id(call: Call, number: str) -> Answer:
    return _list_of_organization(call, call.state.accounts.get(int(number)))


def _list_of_organization(call: Call, account: Account | None) -> Answer:
    if account is None or account.account_type != 'Organization':
        return not_found()
    wanted = call.request.parameters.get('type', 'all')
    is_of_type = TYPES.get(wanted, TYPES['all'])
    chosen = [
        repository
        for repository in call.state.owned_by(account.id)
        if call.can_see(repository) and is_of_type(repository)
    ]
    path = f'/organizations/{account.id}/repos'
    return _page(call, chosen, 'created', path)


TYPES: dict[str, Callable[[Repository], bool]] = {
    'all': lambda repository: True,
    'public': lambda repository: repository.is_public,
    'private': lambda repository: not repository.is_public,
    'internal': lambda repository: repository.visibility == 'internal',
    'forks': lambda repository: repository.is_fork,
    'sources': lambda repository: not repository.is_fork,
    # The simulated token belongs to nobody who is a member somewhere.
    'member': lambda repository: False,
}


def _user_list(call: Call, login: str) -> Answer:
    return _list_of_user(call, call.state.account_by_login(login))


def _user_list_by_id(call: Call, number: str) -> Answer:
    return _list_of_user(call, call.state.accounts.get(int(number)))


def _list_of_user(call: Call, account: Account | None) -> Answer:
    """List public repositories only, whoever asks; organisations' too."""
    if account is None:
        return not_found()
    wanted = call.request.parameters.get('type', 'owner')
    owned = [] if wanted == 'member' else call.state.owned_by(account.id)
    if wanted in ('all', 'member'):
        owned += [
            call.state.repositories[number]
            for number in sorted(account.collaborates_on)
            if number in call.state.repositories
        ]
    chosen = [repository for repository in owned if repository.is_public]
    return _page(call, chosen, 'full_name', f'/user/{account.id}/repos')


def _page(
    call: Call, chosen: list[Repository], default_sort: str, path: str
) -> Answer:
    parameters = call.request.parameters
    sort = parameters.get('sort', '')
    sort = sort if sort in SORT_KEYS else default_sort
    direction = parameters.get('direction', '')
    if direction not in ('asc', 'desc'):
        direction = 'asc' if sort == 'full_name' else 'desc'
    key = SORT_KEYS[sort]
    chosen.sort(
        key=lambda repository: (key(call.state, repository), repository.id),
        reverse=direction == 'desc',
    )
    size = whole_parameter(parameters, 'per_page', PER_PAGE_DEFAULT)
    size = min(size, PER_PAGE_MOST)
    number = whole_parameter(parameters, 'page', 1)
    base_url = call.request.base_url
    data = [
        representation.repository_object(repository, call.state, base_url)
        for repository in chosen[(number - 1) * size : number * size]
    ]
    last = max(1, -(-len(chosen) // size))
    link = link_header(base_url + path, call.request.query, number, last)
    return Answer(data=data, headers={'Link': link} if link else {})


SORT_KEYS: dict[str, Callable[[State, Repository], Any]] = {
    'created': lambda state, repository: repository.created_at,
    'updated': lambda state, repository: repository.updated_at,
    'pushed': lambda state, repository: repository.pushed_at or LONG_AGO,
    'full_name': lambda state, repository: state.full_name(repository).lower(),
}


def _repository(call: Call, owner: str, name: str) -> Answer:
    return _by_name(call, owner, name, '', _repository_answer)


def _repository_by_id(call: Call, number: str) -> Answer:
    return _by_id(call, number, _repository_answer)


def _languages(call: Call, owner: str, name: str) -> Answer:
    return _by_name(call, owner, name, '/languages', _languages_answer)


def _languages_by_id(call: Call, number: str) -> Answer:
    return _by_id(call, number, _languages_answer)


def _by_name(
    call: Call,
    owner: str,
    name: str,
    rest: str,
    respond: Callable[[Call, Repository], Answer],
) -> Answer:
    repository = call.state.repository_by_name(owner, name)
    if repository is not None and call.can_see(repository):
        return respond(call, repository)
    moved = call.state.repository_by_old_name(owner, name)
    if repository is not None or moved is None or not call.can_see(moved):
        return not_found()
    url = f'{call.request.base_url}/repositories/{moved.id}{rest}'
    return Answer(
        301,
        {
            'message': 'Moved Permanently',
            'url': url,
            'documentation_url': REDIRECTS,
        },
        headers={'Location': url},
    )


def _by_id(
    call: Call, number: str, respond: Callable[[Call, Repository], Answer]
) -> Answer:
    repository = call.state.repositories.get(int(number))
    if repository is None or not call.can_see(repository):
        return not_found()
    return respond(call, repository)


def _repository_answer(call: Call, repository: Repository) -> Answer:
    return Answer(
        data=representation.complete_repository_object(
            repository, call.state, call.request.base_url
        )
    )


def _languages_answer(call: Call, repository: Repository) -> Answer:
    sizes = sorted(
        repository.languages.items(), key=lambda item: item[1], reverse=True
    )
    return Answer(data=dict(sizes))


ROUTES: tuple[tuple[re.Pattern[str], str, Callable[..., Answer]], ...] = tuple(
    (re.compile(pattern), kind, respond)
    for pattern, kind, respond in (
        (r'/users/([^/]+)', 'rest:account', _account),
        (r'/user/(\d+)', 'rest:account', _account_by_id),
        (r'/orgs/([^/]+)', 'rest:account', _organization),
        (r'/orgs/([^/]+)/repos', 'rest:list', _organization_list),
        (
            r'/organizations/(\d+)/repos',
            'rest:list',
            _organization_list_by_id,
        ),
        (r'/users/([^/]+)/repos', 'rest:list', _user_list),
        (r'/user/(\d+)/repos', 'rest:list', _user_list_by_id),
        (r'/repos/([^/]+)/([^/]+)', 'rest:repository', _repository),
        (r'/repositories/(\d+)', 'rest:repository', _repository_by_id),
        (r'/repos/([^/]+)/([^/]+)/languages', 'rest:languages', _languages),
        (r'/repositories/(\d+)/languages', 'rest:languages', _languages_by_id),
    )
)
