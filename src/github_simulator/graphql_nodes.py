"""Accounts and repositories as fields of GraphQL objects."""

import functools
from typing import Any

from github_simulator.catalogue import (
    COLOURS,
    legacy_node_id,
    license_object,
)
from github_simulator.model import Account, Repository, timestamp
from github_simulator.state import State

Fields = dict[str, Any]


def account_node(account: Account) -> Fields:
    """Return the fields of an Organization or a User."""
    return {
        '__typename': account.account_type,
        'account': account,
        'id': account.node_id,
        'databaseId': account.id,
        'login': account.login,
        'name': account.login,
        'url': f'https://github.com/{account.login}',
        'createdAt': timestamp(account.created_at),
    }


def repository_node(repository: Repository, state: State) -> Fields:
    """Return the fields of a Repository that take no arguments."""
    owner = state.accounts[repository.owner_id]
    full_name = f'{owner.login}/{repository.name}'
    updated_at = timestamp(repository.updated_at)
    pushed_at = repository.pushed_at
    return {
        '__typename': 'Repository',
        'repository': repository,
        'id': repository.node_id,
        'databaseId': repository.id,
        'name': repository.name,
        'nameWithOwner': full_name,
        'owner': account_node(owner),
        **_flags(repository),
        'description': repository.description,
        'url': f'https://github.com/{full_name}',
        'homepageUrl': None,
        'archivedAt': updated_at if repository.is_archived else None,
        'createdAt': timestamp(repository.created_at),
        'updatedAt': updated_at,
        'pushedAt': None if pushed_at is None else timestamp(pushed_at),
        'stargazerCount': repository.stars,
        'forkCount': repository.forks,
        'diskUsage': repository.size_kilobytes,
        'defaultBranchRef': _branch_node(repository),
        'primaryLanguage': (
            language_node(repository.language) if repository.language else None
        ),
        'licenseInfo': (
            _license_node(repository.license_spdx)
            if repository.license_spdx
            else None
        ),
    }


@functools.cache
def language_node(name: str) -> Fields:
    """Return the fields of a Language."""
    return {
        '__typename': 'Language',
        'id': legacy_node_id('Language', name),
        'name': name,
        'color': COLOURS.get(name),
    }


def topic_node(name: str) -> Fields:
    """Return the fields of a RepositoryTopic."""
    return {
        '__typename': 'RepositoryTopic',
        'id': legacy_node_id('RepositoryTopic', name),
        'topic': {
            '__typename': 'Topic',
            'id': legacy_node_id('Topic', name),
            'name': name,
        },
    }


@functools.cache
def _license_node(spdx_id: str) -> Fields:
    rest = license_object(spdx_id)
    return {
        '__typename': 'License',
        'id': rest['node_id'],
        'key': rest['key'],
        'name': rest['name'],
        'spdxId': spdx_id,
        'url': rest['url'],
    }


def _flags(repository: Repository) -> Fields:
    return {
        'visibility': repository.visibility.upper(),
        'isPrivate': not repository.is_public,
        'isFork': repository.is_fork,
        'isArchived': repository.is_archived,
        'isDisabled': False,
        'isEmpty': repository.pushed_at is None,
        'isLocked': False,
        'isMirror': False,
        'isTemplate': False,
        'hasIssuesEnabled': True,
    }


def _branch_node(repository: Repository) -> Fields | None:
    if repository.pushed_at is None:
        return None
    branch = f'{repository.id}:refs/heads/{repository.default_branch}'
    return {
        '__typename': 'Ref',
        'id': legacy_node_id('Ref', branch),
        'name': repository.default_branch,
        'prefix': 'refs/heads/',
    }
