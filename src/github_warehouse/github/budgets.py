"""Which token a session is opened under, by what each has left."""

from typing import Any

import structlog

from github_warehouse.errors import GitHubError, TokenRefusedError
from github_warehouse.github import parse
from github_warehouse.github.client import Cost, GitHubClient, Resource
from github_warehouse.github.limits import believable_reset
from github_warehouse.github.session import GitHubSession


def open_session(
    client: GitHubClient, resource: Resource, cost: Cost
) -> GitHubSession:
    """Open a session under the token that has most left of a resource.

    Args:
        client: of the GitHub that is read.
        resource: core for REST, graphql.
        cost: where what it costs is counted.

    Raises:
        TokenRefusedError: GitHub refused every token.
    """
    token = client.tokens.take(resource, client.clock.time())
    return GitHubSession(client, token, resource, cost)


def learn_budgets(client: GitHubClient) -> None:
    """Ask what each of several tokens has left; it costs none of it.

    One that GitHub refuses is set aside. What a server without limits has
    no answer to is not limited.
    https://docs.github.com/en/rest/rate-limit/rate-limit#get-rate-limit-status-for-the-authenticated-user
    """
    if len(client.tokens.tokens) == 1:
        return
    for token in client.tokens.tokens:
        session = GitHubSession(client, token, 'core', Cost())
        try:
            budgets = session.get('rate_limit', _budgets) or {}
        except TokenRefusedError:
            continue
        except GitHubError as error:
            structlog.get_logger().warning(
                'what is left is not known', of=token.name, reason=str(error)
            )
            continue
        for resource, (remaining, resets_at) in budgets.items():
            now = client.clock.time()
            seconds = believable_reset(resets_at - now)
            if seconds is not None:
                token.note(resource, remaining, seconds, now, now)


def _budgets(answer: dict[str, Any]) -> dict[str, tuple[int, int]]:
    resources = answer['resources']
    return {
        name: (
            parse.count(resources[name]['remaining'], name),
            parse.integer(resources[name]['reset'], name),
        )
        for name in ('core', 'graphql')
        if name in resources
    }
