"""Open sessions with the token that has the most budget left."""

from typing import Any

import structlog

from github_warehouse.errors import GitHubError, TokenRefusedError
from github_warehouse.github import parse
from github_warehouse.github.client import Cost, GitHubClient, Resource
from github_warehouse.github.limits import plausible_reset
from github_warehouse.github.session import GitHubSession


def open_session(
    client: GitHubClient, resource: Resource, cost: Cost
) -> GitHubSession:
    """Open a session with the token that has the most budget left.

    Release the token when the session is no longer needed.

    Args:
        client: client of the GitHub to read.
        resource: core for REST, graphql for GraphQL.
        cost: where requests and points are counted.

    Raises:
        TokenRefusedError: GitHub refused every token.
    """
    token = client.tokens.acquire(resource, client.clock.time())
    return GitHubSession(client, token, resource, cost)


def learn_budgets(client: GitHubClient) -> None:
    """Read the budgets of every token, unless there is only one.

    The request itself is free. A refused token is set aside. A server without
    rate limits gives no answer, and the token counts as unlimited.
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
                'the budget of a token is unknown',
                token=token.name,
                reason=str(error),
            )
            continue
        for resource, (remaining, resets_at) in budgets.items():
            now = client.clock.time()
            seconds = plausible_reset(resets_at - now)
            if seconds is not None:
                token.update_budget(resource, remaining, seconds, now, now)


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
