"""Which companies a command or a run is about: named, tracked or new."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import structlog

from github_warehouse.config import check_company, check_login
from github_warehouse.errors import (
    GitHubError,
    UnknownCompanyError,
    UsageError,
    WarehouseError,
)
from github_warehouse.github import accounts
from github_warehouse.github.budgets import open_session
from github_warehouse.github.client import Cost, GitHubClient
from github_warehouse.model import Company
from github_warehouse.warehouse.state import State


@dataclass(frozen=True)
class Selection:
    """The companies of one run.

    Attributes:
        to_read: companies to read.
        new: companies to track from now on.
        tracked_ids: account ids of all companies tracked from now on.
        failures: why companies that are new in COMPANIES are not tracked.
    """

    to_read: Sequence[Company]
    new: Sequence[Company]
    tracked_ids: frozenset[int]
    failures: Sequence[WarehouseError]


def find_company(login: str, companies: Iterable[Company]) -> Company | None:
    """Find the company with a login, in any letter case; None if none has it.

    The company that has the login on GitHub now comes before one that was
    tracked under it: another account may take a login that was given up.
    LOGIN#ID selects a company by GitHub's id of the account.
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
        companies: tracked and untracked ones.

    Raises:
        UsageError: it is not tracked.
    """
    tracked = [each for each in companies if each.is_tracked]
    company = find_company(login, tracked)
    if company is None:
        raise UsageError(
            f'{login} is not tracked: nothing was written; '
            '`github-warehouse companies` lists those that are'
        )
    return company


def find_on_github(login: str, client: GitHubClient) -> Company:
    """Look up the account that has a login on GitHub.

    Raises:
        UnknownCompanyError: no account has it.
        UsageError: it is not a valid login.
    """
    session = open_session(client, 'core', Cost())
    try:
        account = accounts.read_account(session, check_login(login))
    finally:
        client.tokens.give_back(session.token)
    if account is None:
        raise UnknownCompanyError(
            f'GitHub knows no account {login}: correct the login'
        )
    return Company(account, account.login)


def find_to_track(
    login: str, known: Sequence[Company], client: GitHubClient
) -> Company:
    """Look up a login on GitHub, else among the companies ever tracked.

    Args:
        login: the login on GitHub, or one that a known company had.
        known: every company ever tracked.
        client: used for the look-up.

    Returns:
        The known company, if the account was ever tracked.

    Raises:
        UnknownCompanyError: neither GitHub nor the warehouse knows it.
    """
    try:
        found = find_on_github(login, client)
    except UnknownCompanyError:
        former = find_company(login, known)
        if former is None:
            raise
        return former
    by_id = {each.account.account_id: each for each in known}
    return by_id.get(found.account.account_id, found)


def select_companies(
    state: State,
    listed: Sequence[str],
    logins: Sequence[str],
    client: GitHubClient,
) -> Selection:
    """Look up companies that are new in COMPANIES, then choose what to read.

    A new company that cannot be looked up does not stop the others, if there
    are any.

    Args:
        state: what the warehouse tracks.
        listed: the logins in COMPANIES.
        logins: companies to read; empty for all.
        client: used to look up new companies.

    Raises:
        UsageError: a login is not tracked, or no company is.
        UnknownCompanyError: no company is tracked, and GitHub does not know
            the first one in COMPANIES.
        GitHubError: no company is tracked, and that one cannot be looked up.
    """
    for login in logins:
        check_company(login)
    new, failures = _look_up_new(state, listed, client)
    every = [*state.companies, *new]
    if not every and failures:
        raise failures[0]
    if not every:
        raise UsageError(
            'no company is tracked: set COMPANIES to a list of logins, '
            'as in COMPANIES=jenkinsci,torvalds'
        )
    chosen = [_find_selected(login, every) for login in logins] or every
    return Selection(
        to_read=list({c.account.account_id: c for c in chosen}.values()),
        new=new,
        tracked_ids=frozenset(c.account.account_id for c in every),
        failures=failures,
    )


def _find_selected(login: str, companies: Sequence[Company]) -> Company:
    company = find_company(login, companies)
    if company is None:
        raise UsageError(
            f'{login} is not tracked: add it to COMPANIES, or name one of '
            + ', '.join(sorted(c.account.login for c in companies))
        )
    return company


def _look_up_new(
    state: State, listed: Sequence[str], client: GitHubClient
) -> tuple[list[Company], list[WarehouseError]]:
    """Look up the companies that are new in COMPANIES.

    Returns:
        Those found that are not tracked yet, and why others were not found.
    """
    new: list[Company] = []
    failures: list[WarehouseError] = []
    for login in listed:
        known = [*state.companies, *new]
        if find_company(login, known):
            continue
        try:
            company = find_on_github(login, client)
        except (UnknownCompanyError, GitHubError) as failure:
            log = structlog.get_logger().bind(company=login)
            if isinstance(failure, UnknownCompanyError) and find_company(
                login, state.untracked
            ):
                log.warning('COMPANIES lists a company that is gone')
            else:
                log.warning('company not looked up', reason=str(failure))
                failures.append(failure)
            continue
        if company.account.account_id not in {
            each.account.account_id for each in known
        }:
            new.append(company)
    return new, failures
