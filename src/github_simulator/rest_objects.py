"""Accounts and repositories as JSON objects of the REST API."""

from typing import Any

from github_simulator.catalogue import license_object
from github_simulator.figures import rest_values, watcher_count
from github_simulator.model import Account, Repository, timestamp
from github_simulator.state import State

ACCOUNT_LINKS = (
    ('followers_url', '/followers'),
    ('following_url', '/following{/other_user}'),
    ('gists_url', '/gists{/gist_id}'),
    ('starred_url', '/starred{/owner}{/repo}'),
    ('subscriptions_url', '/subscriptions'),
    ('organizations_url', '/orgs'),
    ('repos_url', '/repos'),
    ('events_url', '/events{/privacy}'),
    ('received_events_url', '/received_events'),
)
ORGANIZATION_LINKS = (
    ('repos_url', '/repos'),
    ('events_url', '/events'),
    ('hooks_url', '/hooks'),
    ('issues_url', '/issues'),
    ('members_url', '/members{/member}'),
    ('public_members_url', '/public_members{/member}'),
)
REPOSITORY_LINKS = (
    ('forks_url', '/forks'),
    ('keys_url', '/keys{/key_id}'),
    ('collaborators_url', '/collaborators{/collaborator}'),
    ('teams_url', '/teams'),
    ('hooks_url', '/hooks'),
    ('issue_events_url', '/issues/events{/number}'),
    ('events_url', '/events'),
    ('assignees_url', '/assignees{/user}'),
    ('branches_url', '/branches{/branch}'),
    ('tags_url', '/tags'),
    ('blobs_url', '/git/blobs{/sha}'),
    ('git_tags_url', '/git/tags{/sha}'),
    ('git_refs_url', '/git/refs{/sha}'),
    ('trees_url', '/git/trees{/sha}'),
    ('statuses_url', '/statuses/{sha}'),
    ('languages_url', '/languages'),
    ('stargazers_url', '/stargazers'),
    ('contributors_url', '/contributors'),
    ('subscribers_url', '/subscribers'),
    ('subscription_url', '/subscription'),
    ('commits_url', '/commits{/sha}'),
    ('git_commits_url', '/git/commits{/sha}'),
    ('comments_url', '/comments{/number}'),
    ('issue_comment_url', '/issues/comments{/number}'),
    ('contents_url', '/contents/{+path}'),
    ('compare_url', '/compare/{base}...{head}'),
    ('merges_url', '/merges'),
    ('archive_url', '/{archive_format}{/ref}'),
    ('downloads_url', '/downloads'),
    ('issues_url', '/issues{/number}'),
    ('pulls_url', '/pulls{/number}'),
    ('milestones_url', '/milestones{/number}'),
    ('notifications_url', '/notifications{?since,all,participating}'),
    ('labels_url', '/labels{/name}'),
    ('releases_url', '/releases{/id}'),
    ('deployments_url', '/deployments'),
)
# The same for all simulated repositories and callers.
FEATURES = {
    'has_issues': True,
    'has_projects': True,
    'has_downloads': True,
    'has_wiki': True,
    'has_pages': False,
    'has_discussions': False,
}
PERMISSIONS = {
    'admin': False,
    'maintain': False,
    'push': False,
    'triage': False,
    'pull': True,
}


def owner_object(account: Account, base_url: str) -> dict[str, Any]:
    """Return an account as the owner in a repository object."""
    url = f'{base_url}/users/{account.login}'
    return {
        'login': account.login,
        'id': account.id,
        'node_id': account.node_id,
        'avatar_url': _avatar_url(account),
        'gravatar_id': '',
        'url': url,
        'html_url': f'https://github.com/{account.login}',
        **{key: url + suffix for key, suffix in ACCOUNT_LINKS},
        'type': account.account_type,
        'user_view_type': 'public',
        'site_admin': False,
    }


def user_object(
    account: Account, state: State, base_url: str
) -> dict[str, Any]:
    """Return a user or an organization as `/users/{login}` does."""
    return {
        **owner_object(account, base_url),
        'name': account.login,
        'company': None,
        'blog': '',
        'location': None,
        'email': None,
        'hireable': None,
        'bio': None,
        'twitter_username': None,
        **_account_counts(account, state),
    }


def organization_object(
    account: Account, state: State, base_url: str
) -> dict[str, Any]:
    """Return an organization as `/orgs/{org}` does."""
    url = f'{base_url}/orgs/{account.login}'
    return {
        'login': account.login,
        'id': account.id,
        'node_id': account.node_id,
        'url': url,
        **{key: url + suffix for key, suffix in ORGANIZATION_LINKS},
        'avatar_url': _avatar_url(account),
        'description': None,
        'name': account.login,
        'company': None,
        'blog': '',
        'location': None,
        'email': None,
        'twitter_username': None,
        'is_verified': False,
        'has_organization_projects': True,
        'has_repository_projects': True,
        **_account_counts(account, state),
        'html_url': f'https://github.com/{account.login}',
        'archived_at': None,
        'type': account.account_type,
    }


def repository_object(
    repository: Repository, state: State, base_url: str
) -> dict[str, Any]:
    """Return a repository as a list does (`minimal-repository`)."""
    owner = state.accounts[repository.owner_id]
    full_name = f'{owner.login}/{repository.name}'
    url = f'{base_url}/repos/{full_name}'
    return {
        'id': repository.id,
        'node_id': repository.node_id,
        'name': repository.name,
        'full_name': full_name,
        'private': not repository.is_public,
        'owner': owner_object(owner, base_url),
        'html_url': f'https://github.com/{full_name}',
        'description': repository.description,
        'fork': repository.is_fork,
        'url': url,
        **{key: url + suffix for key, suffix in REPOSITORY_LINKS},
        **_timestamps(repository),
        'git_url': f'git://github.com/{full_name}.git',
        'ssh_url': f'git@github.com:{full_name}.git',
        'clone_url': f'https://github.com/{full_name}.git',
        'svn_url': f'https://github.com/{full_name}',
        'homepage': None,
        **_attributes(repository),
        **rest_values(repository, state),
    }


def full_repository_object(
    repository: Repository, state: State, base_url: str
) -> dict[str, Any]:
    """Return a repository as its own endpoint does (`full-repository`)."""
    return {
        **repository_object(repository, state, base_url),
        'network_count': repository.forks,
        'subscribers_count': watcher_count(repository),
    }


def _timestamps(repository: Repository) -> dict[str, str | None]:
    pushed_at = repository.pushed_at
    return {
        'created_at': timestamp(repository.created_at),
        'updated_at': timestamp(repository.updated_at),
        'pushed_at': None if pushed_at is None else timestamp(pushed_at),
    }


def _attributes(repository: Repository) -> dict[str, Any]:
    open_count = repository.open_issues + repository.open_pull_requests
    spdx_id = repository.license_spdx
    return {
        'size': repository.size_kilobytes,
        'stargazers_count': repository.stars,
        'watchers_count': repository.stars,
        'language': repository.language,
        **FEATURES,
        'forks_count': repository.forks,
        'mirror_url': None,
        'archived': repository.is_archived,
        'disabled': False,
        'open_issues_count': open_count,
        'license': None if spdx_id is None else license_object(spdx_id),
        'allow_forking': True,
        'is_template': False,
        'web_commit_signoff_required': False,
        'topics': list(repository.topics),
        'visibility': repository.visibility,
        'forks': repository.forks,
        'open_issues': open_count,
        'watchers': repository.stars,
        'default_branch': repository.default_branch,
        'permissions': PERMISSIONS,
    }


def _account_counts(account: Account, state: State) -> dict[str, Any]:
    owned = state.owned_by(account.id)
    created_at = timestamp(account.created_at)
    return {
        'public_repos': sum(repository.is_public for repository in owned),
        'public_gists': 0,
        'followers': 0,
        'following': 0,
        'created_at': created_at,
        'updated_at': created_at,
    }


def _avatar_url(account: Account) -> str:
    return f'https://avatars.githubusercontent.com/u/{account.id}?v=4'
