"""Parse REST's repository objects, and read single repositories."""

import reprlib
from collections.abc import Sequence
from typing import Any

from github_warehouse.errors import EmptyError, MalformedError
from github_warehouse.github import accounts, parse
from github_warehouse.github.session import GitHubSession
from github_warehouse.metrics import METRICS
from github_warehouse.model import Account, RepoObservation


def read_repository(
    session: GitHubSession, repo_id: int
) -> RepoObservation | None:
    """Read a repository by its ID, without its languages.

    GitHub redirects from former names to this path.

    Returns:
        The repository; None if it is not public or does not exist.
    """
    return session.get(
        f'repositories/{repo_id}',
        lambda answer: (
            observation(answer, accounts.owner(answer.get('owner')))
            if is_public(answer)
            else None
        ),
    )


def by_id(
    session: GitHubSession, repo_id: int, found: RepoObservation | None
) -> RepoObservation | None:
    """Return what a lookup by node id found, if it is the right repository.

    Otherwise the node id is wrong: read the repository by its numeric id.
    """
    if found is None or found.repo_id == repo_id:
        return found
    return read_repository(session, repo_id)


def read_languages(
    session: GitHubSession, repo_id: int, full_name: str
) -> dict[str, int] | None:
    """Read a repository's bytes of code by language.

    It is requested by ID, because its name may belong to another repository.
    https://docs.github.com/en/rest/repos/repos#list-repository-languages

    Args:
        session: the session that sends the request.
        repo_id: GitHub's numeric ID.
        full_name: owner/name, for messages.

    Returns:
        Bytes by language; None if GitHub does not show the repository.
    """
    try:
        return session.get(
            f'repositories/{repo_id}/languages',
            lambda answer: parse.languages(answer.items(), full_name),
        )
    except EmptyError:
        return {}


def is_public(repository: dict[str, Any]) -> bool:
    """Return whether a repository is public.

    Old servers have no `visibility`, only `private`.

    Raises:
        MalformedError: the object has neither.
    """
    private = repository.get('private')
    visibility = repository.get('visibility')
    if private or visibility not in (None, 'public'):
        return False
    if private is not False and visibility is None:
        raise MalformedError(
            'GitHub does not report whether '
            f'{reprlib.repr(repository.get("full_name"))} is public'
        )
    return True


def observation(repository: dict[str, Any], owner: Account) -> RepoObservation:
    """Parse a repository object, from a list or a single answer.

    Raises:
        MalformedError: a field has the wrong type.
    """
    what = parse.text(repository.get('full_name'), 'the name of a repository')
    license_info = repository.get('license') or {}
    return RepoObservation(
        repo_id=parse.integer(repository.get('id'), f'id of {what}'),
        node_id=parse.optional_text(repository.get('node_id'), what),
        owner=owner,
        name=parse.text(repository.get('name'), what),
        full_name=what,
        language=parse.optional_text(repository.get('language'), what),
        created_at=parse.moment(repository.get('created_at'), what),
        updated_at=parse.moment(repository.get('updated_at'), what),
        pushed_at=parse.moment(repository.get('pushed_at'), what),
        is_fork=parse.flag(repository.get('fork'), what),
        is_archived=parse.flag(repository.get('archived', False), what),
        license=parse.optional_text(license_info.get('spdx_id'), what),
        metrics={
            metric.name: parse.metric(
                metric, _first(repository, metric.rest), what
            )
            for metric in METRICS
        },
        languages=None,
    )


def parse_public(repository: dict[str, Any]) -> RepoObservation | None:
    """Parse a repository of a list; return None if it is not public.

    Raises:
        MalformedError: a field has the wrong type.
    """
    with parse.malformed_on_error('a repository'):
        if not is_public(repository):
            return None
        owner = accounts.owner(repository.get('owner'))
        return observation(repository, owner)


def _first(repository: dict[str, Any], names: Sequence[str]) -> object:
    values = (repository.get(name) for name in names)
    return next((value for value in values if value is not None), None)
