"""Parse the accounts that a simulated GitHub should have."""

import re
from typing import NamedTuple

from github_simulator.errors import SimulatorError

# https://docs.github.com/en/enterprise-server@3.19/admin/managing-iam
# (usernames: letters, digits, single hyphens within, at most 39).
LOGIN = re.compile(r'(?=.{1,39}$)[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*')
ACCOUNT_TYPES = {'organization': 'Organization', 'user': 'User'}


class AccountSpec(NamedTuple):
    """An account to generate.

    `repositories` counts the public ones; about one in fifty private ones
    are added.
    """

    login: str
    repositories: int
    account_type: str = 'Organization'


def parse_accounts(text: str) -> list[AccountSpec]:
    """Parse `login:repositories[:user|:organization]`, comma-separated.

    Raises:
        SimulatorError: an account is malformed or a login is repeated.
    """
    specs = [_parse_account(part.strip()) for part in text.split(',')]
    seen: set[str] = set()
    for spec in specs:
        if spec.login.lower() in seen:
            raise SimulatorError(f'accounts: {spec.login} is listed twice')
        seen.add(spec.login.lower())
    return specs


def _parse_account(part: str) -> AccountSpec:
    login, separator, rest = part.partition(':')
    count, _, kind = rest.partition(':')
    if not separator:
        raise SimulatorError(
            f"accounts: '{part}' is not of the form login:repositories, "
            'such as google:2800 or torvalds:11:user'
        )
    if not LOGIN.fullmatch(login):
        raise SimulatorError(
            f"accounts: '{login}' is not a valid GitHub login (at most 39 "
            'letters, digits and single hyphens inside)'
        )
    if not (count.isascii() and count.isdigit()) or len(count) > 6:
        raise SimulatorError(
            f"accounts: '{count}' is not a number of repositories for "
            f'{login}: write a whole number from 0 to 999999'
        )
    account_type = ACCOUNT_TYPES.get(kind.lower() or 'organization')
    if account_type is None or rest.endswith(':'):
        raise SimulatorError(
            f"accounts: '{kind}' is not a type of account for {login}: "
            "write 'user' or 'organization'"
        )
    return AccountSpec(login, int(count), account_type)
