"""GitHub's REST API."""

from typing import Any
from urllib.parse import quote

from github_warehouse.github import parse
from github_warehouse.github.session import GitHubSession
from github_warehouse.model import Account, RepoObservation


def read_account(session: GitHubSession, login: str) -> Account | None:
    """Read the account of a login; None when there is none.

    https://docs.github.com/en/rest/users/users#get-a-user
    """
    return _account(session.get(f'users/{quote(login, safe="")}'))


def read_account_by_id(
    session: GitHubSession, account_id: int
) -> Account | None:
    """Read the account of an id, whatever its login is now.

    https://docs.github.com/en/rest/users/users#get-a-user-using-their-id
    """
    return _account(session.get(f'user/{account_id}'))


def read_repository(
    session: GitHubSession, repo_id: int
) -> RepoObservation | None:
    """Read a repository by its id; None where GitHub shows none to the public.

    The path is where GitHub redirects to from a name of old; its languages
    are not in the answer.
    """
    answer = session.get(f'repositories/{repo_id}')
    if answer is None:
        return None
    repository = parse.record(answer, 'a repository')
    return None if repository.get('private') else _observation(repository)


def _observation(repository: dict[str, Any]) -> RepoObservation:
    what = parse.text(repository.get('full_name'), 'the name of a repository')
    license_info = repository.get('license') or {}
    return RepoObservation(
        repo_id=parse.integer(repository.get('id'), f'id of {what}'),
        node_id=parse.optional_text(repository.get('node_id'), what),
        owner=_owner(repository.get('owner')),
        name=parse.text(repository.get('name'), what),
        full_name=what,
        language=parse.optional_text(repository.get('language'), what),
        created_at=parse.moment(repository.get('created_at'), what),
        updated_at=parse.moment(repository.get('updated_at'), what),
        pushed_at=parse.moment(repository.get('pushed_at'), what),
        is_fork=parse.flag(repository.get('fork'), what),
        is_archived=parse.flag(repository.get('archived', False), what),
        license=parse.optional_text(license_info.get('spdx_id'), what),
        stars=parse.count(repository.get('stargazers_count'), what),
        forks=parse.count(repository.get('forks_count'), what),
        open_issues=parse.count(repository.get('open_issues_count'), what),
        languages=None,
    )


def _account(answer: object) -> Account | None:
    if answer is None:
        return None
    return _owner(answer)


def _owner(answer: object) -> Account:
    return parse.account(answer, id_key='id', type_key='type')
