"""Serve lists of repositories by REST: filtered, sorted and paged."""

import datetime
from collections.abc import Callable
from typing import Any

from github_simulator.http_messages import Response, not_found
from github_simulator.model import Account, Repository
from github_simulator.rest_items import Call
from github_simulator.rest_objects import repository_object
from github_simulator.rest_paging import (
    PER_PAGE_DEFAULT,
    PER_PAGE_MAX,
    link_header,
    positive_parameter,
)
from github_simulator.state import State

LONG_AGO = datetime.datetime.min.replace(tzinfo=datetime.timezone.utc)
# The values of the parameter `type` for organizations.
TYPES: dict[str, Callable[[Repository], bool]] = {
    'all': lambda repository: True,
    'public': lambda repository: repository.is_public,
    'private': lambda repository: not repository.is_public,
    'internal': lambda repository: repository.visibility == 'internal',
    'forks': lambda repository: repository.is_fork,
    'sources': lambda repository: not repository.is_fork,
    # The owner of the simulated token is not a member of any organization.
    'member': lambda repository: False,
}
SORT_KEYS: dict[str, Callable[[State, Repository], Any]] = {
    'created': lambda state, repository: repository.created_at,
    'updated': lambda state, repository: repository.updated_at,
    'pushed': lambda state, repository: repository.pushed_at or LONG_AGO,
    'full_name': lambda state, repository: state.full_name(repository).lower(),
}


def organization_list(call: Call, login: str) -> Response:
    """List the repositories of an organization by its login."""
    return _list_of_organization(call, call.state.account_by_login(login))


def organization_list_by_id(call: Call, number: str) -> Response:
    """List the repositories of an organization by its id."""
    return _list_of_organization(call, call.state.accounts.get(int(number)))


def _list_of_organization(call: Call, account: Account | None) -> Response:
    if account is None or account.account_type != 'Organization':
        return not_found()
    wanted = call.request.parameters.get('type', 'all')
    is_of_type = TYPES.get(wanted, TYPES['all'])
    selected = [
        repository
        for repository in call.state.owned_by(account.id)
        if call.can_see(repository) and is_of_type(repository)
    ]
    path = f'/organizations/{account.id}/repos'
    return _page(call, selected, 'created', path)


def user_list(call: Call, login: str) -> Response:
    """List the repositories of an account by its login."""
    return _list_of_user(call, call.state.account_by_login(login))


def user_list_by_id(call: Call, number: str) -> Response:
    """List the repositories of an account by its id."""
    return _list_of_user(call, call.state.accounts.get(int(number)))


def _list_of_user(call: Call, account: Account | None) -> Response:
    """List public repositories only, of a user or an organization."""
    if account is None:
        return not_found()
    wanted = call.request.parameters.get('type', 'owner')
    found = [] if wanted == 'member' else call.state.owned_by(account.id)
    if wanted in ('all', 'member'):
        found += [
            call.state.repositories[number]
            for number in sorted(account.collaborates_on)
            if number in call.state.repositories
        ]
    selected = [repository for repository in found if repository.is_public]
    return _page(call, selected, 'full_name', f'/user/{account.id}/repos')


def _page(
    call: Call, selected: list[Repository], default_sort: str, path: str
) -> Response:
    parameters = call.request.parameters
    _sort(call, selected, default_sort)
    size = positive_parameter(parameters, 'per_page', PER_PAGE_DEFAULT)
    size = min(size, PER_PAGE_MAX)
    number = positive_parameter(parameters, 'page', 1)
    base_url = call.request.base_url
    data = [
        repository_object(repository, call.state, base_url)
        for repository in selected[(number - 1) * size : number * size]
    ]
    last = max(1, -(-len(selected) // size))
    link = link_header(base_url + path, call.request.query, number, last)
    return Response(data=data, headers={'Link': link} if link else {})


def _sort(call: Call, selected: list[Repository], default_sort: str) -> None:
    """Sort repositories as the request asks."""
    parameters = call.request.parameters
    sort = parameters.get('sort', '')
    sort = sort if sort in SORT_KEYS else default_sort
    direction = parameters.get('direction', '')
    if direction not in ('asc', 'desc'):
        direction = 'asc' if sort == 'full_name' else 'desc'
    key = SORT_KEYS[sort]
    selected.sort(
        key=lambda repository: (key(call.state, repository), repository.id),
        reverse=direction == 'desc',
    )
