"""Which companies a command or a run is about: named, tracked or new."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import structlog

from github_warehouse.config import check_company, check_login
from github_warehouse.errors import (
    AnswerError,
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

_NO_COMPANY = (
    'no company is tracked: set COMPANIES to a list of logins, as in '
    'COMPANIES=jenkinsci,torvalds'
)


@dataclass(frozen=True)
class Selection:
    """The companies of one run.

    Attributes:
        to_read: tracked companies to read.
        unknown: logins in COMPANIES that are not tracked.
        logins: companies to read, as selected; empty for all.
    """

    to_read: Sequence[Company]
    unknown: Sequence[str]
    logins: Sequence[str]


@dataclass(frozen=True)
class NewCompanies:
    """The companies that are new in COMPANIES.

    Attributes:
        found: companies to track from now on.
        to_read: those of them that are to be read.
        failures: why others are not tracked.
    """

    found: Sequence[Company]
    to_read: Sequence[Company]
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
        found = accounts.read_account_and_count(session, check_login(login))
    finally:
        client.tokens.give_back(session.token)
    if found is None:
        raise UnknownCompanyError(
            f'GitHub knows no account {login}: correct the login'
        )
    account, repositories = found
    return Company(account, account.login, repositories=repositories)


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
        AnswerError: GitHub's answer names another tracked company.
    """
    try:
        found = find_on_github(login, client)
    except UnknownCompanyError:
        former = find_company(login, known)
        if former is None:
            raise
        return former
    check_login_found(
        login, found, (each for each in known if each.is_tracked)
    )
    by_id = {each.account.account_id: each for each in known}
    return by_id.get(found.account.account_id, found)


def select_companies(
    state: State, listed: Sequence[str], logins: Sequence[str]
) -> Selection:
    """Choose which tracked companies to read, and which ones to look up.

    Args:
        state: what the warehouse tracks.
        listed: the logins in COMPANIES.
        logins: companies to read; empty for all.

    Raises:
        UsageError: a login is not tracked, or no company is.
    """
    for login in logins:
        check_company(login)
    unknown = [
        login for login in listed if not find_company(login, state.companies)
    ]
    if not state.companies and not unknown:
        raise UsageError(_NO_COMPANY)
    new = {login.lower() for login in unknown}
    named = {login: find_company(login, state.companies) for login in logins}
    for login, company in named.items():
        if company is None and login.lower() not in new:
            raise _not_tracked(login, state, unknown)
    chosen = [each for each in named.values() if each]
    if not logins:
        chosen = list(state.companies)
    return Selection(
        to_read=list({c.account.account_id: c for c in chosen}.values()),
        unknown=unknown,
        logins=logins,
    )


def look_up_new(
    selection: Selection, state: State, client: GitHubClient
) -> NewCompanies:
    """Look up the companies that are new in COMPANIES.

    One that cannot be looked up does not stop the others, if there are any.

    Args:
        selection: the logins to look up.
        state: what the warehouse tracks.
        client: used to look them up.

    Raises:
        UsageError: nothing is tracked or to be read.
        UnknownCompanyError: that is because GitHub does not know the first
            one.
        GitHubError: that is because the first one cannot be looked up.
    """
    results = client.map(
        lambda login: _try_find(login, client), selection.unknown
    )
    tracked = list(state.companies)
    found: list[Company] = []
    failures: list[WarehouseError] = []
    # an answer with the login that was asked for comes before any other
    for login, result in sorted(
        zip(selection.unknown, results, strict=True), key=_is_another_login
    ):
        try:
            company = _accept(login, result, tracked)
        except (UnknownCompanyError, GitHubError) as failure:
            _note_failure(login, failure, state, failures)
            continue
        if company is not None:
            found.append(company)
            tracked.append(company)
    to_read = found
    if selection.logins:
        named = [find_company(each, found) for each in selection.logins]
        to_read = [each for each in named if each]
    if not selection.to_read and not to_read:
        raise failures[0] if failures else UsageError(_NO_COMPANY)
    return NewCompanies(found, to_read, failures)


def check_login_found(
    login: str, company: Company, tracked: Iterable[Company]
) -> None:
    """Refuse an answer to a look-up that names another tracked company.

    An account that was renamed is found under its old login, too; but no two
    accounts have one login.

    Raises:
        AnswerError: it has the login of another company.
    """
    found = company.account
    if found.login.lower() != login.lower() and any(
        each.account.login.lower() == found.login.lower()
        and each.account.account_id != found.account_id
        for each in tracked
    ):
        raise AnswerError(
            f'GitHub answered with the login {found.login}, which is that of '
            'another tracked company'
        )


def _try_find(login: str, client: GitHubClient) -> Company | WarehouseError:
    try:
        return find_on_github(login, client)
    except (UnknownCompanyError, GitHubError) as failure:
        return failure


def _is_another_login(looked_up: tuple[str, Company | WarehouseError]) -> bool:
    login, result = looked_up
    return (
        isinstance(result, Company)
        and result.account.login.lower() != login.lower()
    )


def _accept(
    login: str, result: Company | WarehouseError, tracked: Sequence[Company]
) -> Company | None:
    """Return a company that is to be tracked; None if it is already."""
    if isinstance(result, WarehouseError):
        raise result
    check_login_found(login, result, tracked)
    ids = {each.account.account_id for each in tracked}
    return None if result.account.account_id in ids else result


def _note_failure(
    login: str,
    failure: UnknownCompanyError | GitHubError,
    state: State,
    failures: list[WarehouseError],
) -> None:
    log = structlog.get_logger().bind(company=login)
    if isinstance(failure, UnknownCompanyError):
        if find_company(login, state.untracked):
            log.warning('COMPANIES lists a company that is gone')
            return
        failures.append(failure)
    else:
        failures.append(type(failure)(f'{login} was not looked up: {failure}'))
    log.warning('company not looked up', reason=str(failure))


def _not_tracked(
    login: str, state: State, unknown: Sequence[str]
) -> UsageError:
    known = {each.account.login for each in state.companies} | {*unknown}
    return UsageError(
        f'{login} is not tracked: add it to COMPANIES, or name one of '
        + ', '.join(sorted(known))
    )
