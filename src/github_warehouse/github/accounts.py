"""Look up accounts over REST, by login or by their permanent id."""

from typing import Any
from urllib.parse import quote

from github_warehouse.errors import AccountGoneError, AnswerError
from github_warehouse.github import parse
from github_warehouse.github.session import GitHubSession
from github_warehouse.model import Account


def read_account(session: GitHubSession, login: str) -> Account | None:
    """Read the account with a login; None if there is none.

    https://docs.github.com/en/rest/users/users#get-a-user
    """
    return session.get(f'users/{quote(login, safe="")}', owner)


def read_account_and_count(
    session: GitHubSession, login: str
) -> tuple[Account, int] | None:
    """Read the account with a login, and its number of public repositories.

    None when no account has the login. The number is 0 if it is not known.
    """
    return session.get(
        f'users/{quote(login, safe="")}',
        lambda answer: (
            owner(answer),
            parse.count(answer.get('public_repos') or 0, login),
        ),
    )


def read_account_by_id(
    session: GitHubSession, account_id: int
) -> Account | None:
    """Read an account by its id; None when there is none.

    https://docs.github.com/en/rest/users/users#get-a-user-using-their-id
    """
    return session.get(f'user/{account_id}', owner)


def present_account(
    session: GitHubSession, company: Account, tried_login: str
) -> Account:
    """Look up an account by id, after its login was not found.

    Args:
        session: the session that sends the request.
        company: the account as last known.
        tried_login: the login that was not found.

    Returns:
        The account with its present login.

    Raises:
        AccountGoneError: the account no longer exists.
        AnswerError: the account exists under the login that was not found.
    """
    account = read_account_by_id(session, company.account_id)
    if account is not None and (
        account.login.lower() == tried_login.lower()
        and account.account_type == company.account_type
    ):
        raise AnswerError(
            f'GitHub does not list the repositories of {account.login}, '
            'although the account exists: run again later'
        )
    if account is None:
        raise AccountGoneError(
            f'{company.login} no longer exists on GitHub, by login or id; its '
            'values are carried forward; to stop that, run `github-warehouse '
            f'untrack {company.login}#{company.account_id}`'
        )
    return account


def count_repositories(session: GitHubSession, login: str) -> int | None:
    """Return the number of public repositories in an account's profile.

    None if no account has the login, or its profile does not have the number.
    """

    def public_repos(answer: dict[str, Any]) -> int | None:
        count = answer.get('public_repos')
        return None if count is None else parse.count(count, login)

    return session.get(f'users/{quote(login, safe="")}', public_repos)


def owner(answer: object) -> Account:
    """Parse an account; the type defaults to User, for the oldest servers."""
    fields = parse.record(answer, 'an account')
    return parse.account(
        {'type': 'User', **fields}, id_key='id', type_key='type'
    )
