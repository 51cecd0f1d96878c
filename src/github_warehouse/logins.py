"""Check logins before they are sent to GitHub."""

import re

from github_warehouse.errors import UsageError
from github_warehouse.redact import looks_like_a_token

_LOGIN = re.compile(r'[A-Za-z0-9][A-Za-z0-9_-]{0,99}')


def check_login(login: str) -> str:
    """Return the login if it has the form of a GitHub login.

    Raises:
        UsageError: it does not.
    """
    if looks_like_a_token(login):
        raise UsageError(
            'a token was given as a login: put tokens in GITHUB_TOKEN; it '
            'was not sent anywhere'
        )
    if not _LOGIN.fullmatch(login):
        raise UsageError(
            f'{login!r} is not a GitHub login: use LOGIN as in '
            'https://github.com/LOGIN, which has only letters, digits and '
            'hyphens'
        )
    return login


def check_company(name: str) -> str:
    """Return the name if it has the form LOGIN or LOGIN#ID.

    Raises:
        UsageError: it does not.
    """
    check_login(re.sub('#[0-9]{1,19}$', '', name))
    return name
