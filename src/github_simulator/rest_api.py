"""The routes of GitHub's REST API."""

import re
from collections.abc import Callable

from github_simulator import rest_items, rest_lists
from github_simulator.http_messages import Response, not_found
from github_simulator.rest_items import Call

# Path, kind of request, handler; the groups of the path are its arguments.
ROUTES: tuple[tuple[re.Pattern[str], str, Callable[..., Response]], ...] = (
    tuple(
        (re.compile(pattern), f'rest:{kind}', handler)
        for pattern, kind, handler in (
            (r'/users/([^/]+)', 'account', rest_items.account),
            (r'/user/(\d+)', 'account', rest_items.account_by_id),
            (r'/orgs/([^/]+)', 'account', rest_items.organization),
            (r'/orgs/([^/]+)/repos', 'list', rest_lists.organization_list),
            (
                r'/organizations/(\d+)/repos',
                'list',
                rest_lists.organization_list_by_id,
            ),
            (r'/users/([^/]+)/repos', 'list', rest_lists.user_list),
            (r'/user/(\d+)/repos', 'list', rest_lists.user_list_by_id),
            (r'/repos/([^/]+)/([^/]+)', 'repository', rest_items.repository),
            (
                r'/repositories/(\d+)',
                'repository',
                rest_items.repository_by_id,
            ),
            (
                r'/repos/([^/]+)/([^/]+)/languages',
                'languages',
                rest_items.languages,
            ),
            (
                r'/repositories/(\d+)/languages',
                'languages',
                rest_items.languages_by_id,
            ),
        )
    )
)


def request_kind(path: str) -> str:
    """Return the kind under which requests for this path are counted."""
    for pattern, kind, _ in ROUTES:
        if pattern.fullmatch(path):
            return kind
    return 'rest:rate_limit' if path == '/rate_limit' else 'rest:other'


def respond(call: Call) -> Response:
    """Return the response to a GET, and 404 to any other request."""
    if call.request.method == 'GET':
        for pattern, _, handler in ROUTES:
            match = pattern.fullmatch(call.request.path)
            if match:
                return handler(call, *match.groups())
    return not_found()
