"""From GraphQL's nodes to accounts, repositories and their languages."""

from typing import Any

from github_warehouse.github import parse
from github_warehouse.model import Account, RepoObservation


def repository(
    node: dict[str, Any], owner: Account, languages: dict[str, int] | None
) -> RepoObservation:
    """Read the fields that repository_fields.graphql asks for.

    Raises:
        AnswerError: one of them has the wrong type.
    """
    name = parse.text(node.get('name'), 'the name of a repository')
    what = f'{owner.login}/{name}'
    language, license_info = node['primaryLanguage'], node['licenseInfo']
    return RepoObservation(
        repo_id=parse.integer(node.get('databaseId'), f'id of {what}'),
        node_id=parse.text(node.get('id'), f'node id of {what}'),
        owner=owner,
        name=name,
        full_name=parse.text(node.get('nameWithOwner'), what),
        language=(
            None if language is None else parse.text(language['name'], what)
        ),
        created_at=parse.moment(node.get('createdAt'), what),
        updated_at=parse.moment(node.get('updatedAt'), what),
        pushed_at=parse.moment(node.get('pushedAt'), what),
        is_fork=parse.flag(node.get('isFork'), what),
        is_archived=parse.flag(node.get('isArchived'), what),
        license=(
            None
            if license_info is None
            else parse.optional_text(license_info['spdxId'], what)
        ),
        stars=parse.count(node.get('stargazerCount'), f'stars of {what}'),
        forks=parse.count(node.get('forkCount'), f'forks of {what}'),
        open_issues=parse.count(
            _total(node, 'issues', what) + _total(node, 'pullRequests', what),
            f'open issues of {what}',
        ),
        languages=languages,
    )


def language_sizes(listed: dict[str, Any], what: str) -> dict[str, int]:
    """Read the bytes of each language of a page of languages."""
    return parse.languages(
        ((edge['node']['name'], edge['size']) for edge in listed['edges']),
        what,
    )


def _total(node: dict[str, Any], connection: str, what: str) -> int:
    listed = parse.record(node.get(connection), f'{connection} of {what}')
    return parse.count(listed.get('totalCount'), f'{connection} of {what}')


def account(node: object) -> Account:
    """Read an owner of repositories."""
    return parse.account(node, id_key='databaseId', type_key='__typename')
