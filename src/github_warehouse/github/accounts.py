"""Accounts on GitHub, by REST: by login, and by the id that stays."""

from urllib.parse import quote

from github_warehouse.errors import AccountGoneError, AnswerError
from github_warehouse.github import parse
from github_warehouse.github.session import GitHubSession
from github_warehouse.model import Account


def read_account(session: GitHubSession, login: str) -> Account | None:
    """Read the account of a login; None when there is none.

    https://docs.github.com/en/rest/users/users#get-a-user
    """
    return session.get(f'users/{quote(login, safe="")}', owner)


def read_account_and_count(
    session: GitHubSession, login: str
) -> tuple[Account, int] | None:
    """Read the account of a login, and how many repositories it has.

    None when there is none.
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
    """Find what an account is called now, by its id.

    Raises:
        AccountGoneError: it is not to be found.
        AnswerError: it is, under the login that was tried in vain.
    """
    account = read_account_by_id(session, company.account_id)
    if account is not None and (
        account.login.lower() == tried_login.lower()
        and account.account_type == company.account_type
    ):
        raise AnswerError(
            f'GitHub does not list the repositories of {account.login}, '
            'though the account is there: run again later'
        )
    if account is None:
        raise AccountGoneError(
            f'{company.login} is not on GitHub any more, neither by login '
            'nor by id: its repositories are carried forward; '
            f'`github-warehouse untrack {company.login}#{company.account_id}` '
            'ends that'
        )
    return account


def count_repositories(session: GitHubSession, login: str) -> int | None:
    """Return how many public repositories GitHub counts of an account."""
    return session.get(
        f'users/{quote(login, safe="")}',
        lambda answer: parse.count(answer.get('public_repos'), login),
    )


def owner(answer: object) -> Account:
    """Read an account; the oldest servers did not say its type."""
    given = parse.record(answer, 'an account')
    return parse.account(
        {'type': 'User', **given}, id_key='id', type_key='type'
    )
