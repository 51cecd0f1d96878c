"""Parse GraphQL nodes: accounts, repositories and their languages."""

from typing import Any

from github_warehouse.github import parse
from github_warehouse.github.fields import SELECTIONS, Selection
from github_warehouse.metrics import METRICS, Metric
from github_warehouse.model import Account, RepoObservation


def repository(
    node: dict[str, Any], owner: Account, languages: dict[str, int] | None
) -> RepoObservation:
    """Parse a repository with the fields of repository_fields.graphql.

    Args:
        node: the repository as a JSON object.
        owner: its owner.
        languages: its bytes of code by language; None if they were not read.

    Raises:
        MalformedError: a field has the wrong type.
    """
    name = parse.text(node.get('name'), 'the name of a repository')
    what = f'{owner.login}/{name}'
    return RepoObservation(
        repo_id=parse.integer(node.get('databaseId'), f'id of {what}'),
        node_id=parse.text(node.get('id'), f'node id of {what}'),
        owner=owner,
        name=name,
        full_name=parse.text(node.get('nameWithOwner'), what),
        language=_language(node, what),
        created_at=parse.moment(node.get('createdAt'), what),
        updated_at=parse.moment(node.get('updatedAt'), what),
        pushed_at=parse.moment(node.get('pushedAt'), what),
        is_fork=parse.flag(node.get('isFork'), what),
        is_archived=parse.flag(node.get('isArchived'), what),
        license=_license(node, what),
        metrics={
            metric.name: _metric(node, metric, what) for metric in METRICS
        },
        languages=languages,
    )


def language_sizes(listed: dict[str, Any], what: str) -> dict[str, int]:
    """Parse a page of languages; return the bytes of code of each."""
    return parse.languages(
        ((edge['node']['name'], edge['size']) for edge in listed['edges']),
        what,
    )


def _language(node: dict[str, Any], what: str) -> str | None:
    """Return the primary language; None also if the server lacks the field."""
    language = node.get('primaryLanguage')
    return None if language is None else parse.text(language['name'], what)


def _license(node: dict[str, Any], what: str) -> str | None:
    """Return the SPDX ID; None also if the server lacks the field."""
    found = node.get('licenseInfo')
    return (
        None if found is None else parse.optional_text(found['spdxId'], what)
    )


def _metric(node: dict[str, Any], metric: Metric, what: str) -> int | None:
    """Return the sum of a metric's selections; None if one is missing."""
    selections = SELECTIONS[metric.name]
    if len(selections) == 1:
        return parse.metric(metric, _leaf(node, selections[0], what), what)
    total = 0
    for selection in selections:
        value = parse.metric(metric, _leaf(node, selection, what), what)
        if value is None:
            return None
        total += value
    return parse.metric(metric, total, what) if selections else None


def _leaf(node: dict[str, Any], selection: Selection, what: str) -> object:
    for key in selection.steps:
        value = node.get(key)
        if value is None:
            return None
        node = parse.record(value, key)
    return node.get(selection.leaf)


def account(node: object) -> Account:
    """Parse an owner of repositories."""
    return parse.account(node, id_key='databaseId', type_key='__typename')
