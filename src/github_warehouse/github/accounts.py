"""Accounts on GitHub, by REST: by login, and by the id that stays."""

from urllib.parse import quote

from github_warehouse.errors import AccountGoneError
from github_warehouse.github import parse
from github_warehouse.github.session import GitHubSession
from github_warehouse.model import Account


def read_account(session: GitHubSession, login: str) -> Account | None:
    """Read the account of a login; None when there is none.

    https://docs.github.com/en/rest/users/users#get-a-user
    """
    return _account(session.get(f'users/{quote(login, safe="")}'))


def present_account(
    session: GitHubSession, company: Account, tried_login: str
) -> Account:
    """Find what an account is called now, by its id.

    https://docs.github.com/en/rest/users/users#get-a-user-using-their-id

    Raises:
        AccountGoneError: it is not to be found, or only under the login that
            was tried in vain.
    """
    account = _account(session.get(f'user/{company.account_id}'))
    if account is None or (
        account.login.lower() == tried_login.lower()
        and account.account_type == company.account_type
    ):
        raise AccountGoneError(
            f'{company.login} is not on GitHub any more, neither by login '
            'nor by id: its repositories are carried forward; '
            f'`github-warehouse untrack {company.login}` ends that'
        )
    return account


def _account(answer: object) -> Account | None:
    return None if answer is None else owner(answer)


def owner(answer: object) -> Account:
    """Read an account; the oldest servers did not say its type."""
    given = parse.record(answer, 'an account')
    return parse.account(
        {'type': 'User', **given}, id_key='id', type_key='type'
    )
