"""Find companies by login: tracked, formerly tracked, or on GitHub."""

from collections.abc import Iterable, Sequence

from github_warehouse.errors import (
    AnswerError,
    UnknownCompanyError,
    UsageError,
)
from github_warehouse.github import accounts
from github_warehouse.github.budgets import open_session
from github_warehouse.github.client import Cost, GitHubClient
from github_warehouse.logins import check_login
from github_warehouse.model import Company


def find_company(login: str, companies: Iterable[Company]) -> Company | None:
    """Find the company with a login, ignoring case; None if there is none.

    Another account can take over an unused login: the company that has the
    login on GitHub today wins over one that was tracked under it. LOGIN#ID
    selects a company by its GitHub account id.
    """
    wanted = login.lower()

    def matches(company: Company) -> tuple[bool, ...]:
        return (
            wanted.endswith(f'#{company.account.account_id}'),
            company.account.login.lower() == wanted,
            company.tracked_login.lower() == wanted,
        )

    found = [company for company in companies if any(matches(company))]
    return max(found, key=matches, default=None)


def find_tracked(login: str, companies: Iterable[Company]) -> Company:
    """Find the tracked company with a login.

    Args:
        login: a login, or LOGIN#ID.
        companies: companies to search; untracked ones are ignored.

    Raises:
        UsageError: no tracked company has the login.
    """
    tracked = [each for each in companies if each.is_tracked]
    company = find_company(login, tracked)
    if company is None:
        raise not_tracked(login)
    return company


def not_tracked(login: str) -> UsageError:
    """Return the error for a login that no tracked company has."""
    return UsageError(
        f'{login} is not tracked: see `github-warehouse companies` for the '
        'tracked logins, or track it with `github-warehouse track`'
    )


def find_on_github(login: str, client: GitHubClient) -> Company:
    """Look up the account that has a login on GitHub.

    Raises:
        UnknownCompanyError: no account has the login.
        UsageError: the login is malformed.
        GitHubError: GitHub cannot be read.
    """
    session = open_session(client, 'core', Cost())
    try:
        found = accounts.read_account_and_count(session, check_login(login))
    finally:
        client.tokens.release(session.token)
    if found is None:
        raise UnknownCompanyError(
            f'GitHub has no account {login}: check the spelling'
        )
    account, repositories = found
    return Company(account, account.login, repositories=repositories)


def find_to_track(
    login: str, known: Sequence[Company], client: GitHubClient
) -> Company:
    """Find the company to track under a login: on GitHub, else in `known`.

    Args:
        login: the login on GitHub, or a former login of a known company.
        known: every company that is or was tracked.
        client: used to look up the login.

    Returns:
        The company as in `known`, if it is or was tracked.

    Raises:
        UnknownCompanyError: no account and no known company has the login.
        AnswerError: GitHub's answer has the login of another tracked company.
        GitHubError: GitHub cannot be read.
    """
    try:
        found = find_on_github(login, client)
    except UnknownCompanyError:
        former = find_company(login, known)
        if former is None:
            raise
        return former
    check_login_found(login, found, [c for c in known if c.is_tracked])
    by_id = {each.account.account_id: each for each in known}
    return by_id.get(found.account.account_id, found)


def check_login_found(
    login: str, company: Company, tracked: Iterable[Company]
) -> None:
    """Reject an answer to a lookup that has another tracked company's login.

    GitHub also finds a renamed account by its old login, so the answer may
    have another login than requested. But no two accounts share a login.

    Raises:
        AnswerError: the answer has the login of another tracked company.
    """
    found = company.account
    if found.login.lower() != login.lower() and any(
        each.account.login.lower() == found.login.lower()
        and each.account.account_id != found.account_id
        for each in tracked
    ):
        raise AnswerError(
            f'GitHub answered with the login {found.login}, which belongs to '
            'another tracked company; run again later'
        )
