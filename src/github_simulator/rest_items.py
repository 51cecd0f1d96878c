"""Serve single accounts and repositories by REST.

https://docs.github.com/rest/repos/repos and /rest/users/users; details that
the documentation leaves open follow recorded responses.
"""

from collections.abc import Callable
from dataclasses import dataclass

from github_simulator.http_messages import Request, Response, not_found
from github_simulator.model import Account, Repository
from github_simulator.rest_objects import (
    full_repository_object,
    organization_object,
    user_object,
)
from github_simulator.state import State

REDIRECTS = (
    'https://docs.github.com/rest/guides/'
    'best-practices-for-using-the-rest-api#follow-redirects'
)


@dataclass(frozen=True, slots=True)
class Call:
    """A request, with the data it is about and the caller's rights."""

    request: Request
    state: State
    is_authenticated: bool

    def can_see(self, repository: Repository) -> bool:
        """Return whether the repository is visible to the caller."""
        return self.is_authenticated or repository.is_public


def account(call: Call, login: str) -> Response:
    """Serve an account by its login."""
    return _account_response(call, call.state.account_by_login(login))


def account_by_id(call: Call, number: str) -> Response:
    """Serve an account by its id."""
    return _account_response(call, call.state.accounts.get(int(number)))


def _account_response(call: Call, account: Account | None) -> Response:
    if account is None:
        return not_found()
    return Response(
        data=user_object(account, call.state, call.request.base_url)
    )


def organization(call: Call, login: str) -> Response:
    """Serve an organization by its login."""
    account = call.state.account_by_login(login)
    if account is None or account.account_type != 'Organization':
        return not_found()
    return Response(
        data=organization_object(account, call.state, call.request.base_url)
    )


def repository(call: Call, owner: str, name: str) -> Response:
    """Serve a repository by its full name."""
    return _by_name(call, owner, name, '', _repository_response)


def repository_by_id(call: Call, number: str) -> Response:
    """Serve a repository by its id."""
    return _by_id(call, number, _repository_response)


def languages(call: Call, owner: str, name: str) -> Response:
    """Serve the languages of a repository by its full name."""
    return _by_name(call, owner, name, '/languages', _languages_response)


def languages_by_id(call: Call, number: str) -> Response:
    """Serve the languages of a repository by its id."""
    return _by_id(call, number, _languages_response)


def _by_name(
    call: Call,
    owner: str,
    name: str,
    suffix: str,
    respond: Callable[[Call, Repository], Response],
) -> Response:
    found = call.state.repository_by_name(owner, name)
    if found is not None:
        return respond(call, found) if call.can_see(found) else not_found()
    moved = call.state.repository_by_old_name(owner, name)
    if moved is None or not call.can_see(moved):
        return not_found()
    url = f'{call.request.base_url}/repositories/{moved.id}{suffix}'
    return Response(
        301,
        {
            'message': 'Moved Permanently',
            'url': url,
            'documentation_url': REDIRECTS,
        },
        headers={'Location': url},
    )


def _by_id(
    call: Call, number: str, respond: Callable[[Call, Repository], Response]
) -> Response:
    found = call.state.repositories.get(int(number))
    if found is None or not call.can_see(found):
        return not_found()
    return respond(call, found)


def _repository_response(call: Call, repository: Repository) -> Response:
    return Response(
        data=full_repository_object(
            repository, call.state, call.request.base_url
        )
    )


def _languages_response(call: Call, repository: Repository) -> Response:
    sizes = sorted(
        repository.languages.items(), key=lambda item: item[1], reverse=True
    )
    return Response(data=dict(sizes))
