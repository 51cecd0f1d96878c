"""Find companies by login: tracked, formerly tracked, or on GitHub."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from github_warehouse.errors import (
    GitHubError,
    UnknownCompanyError,
    UsageError,
    WarehouseError,
)
from github_warehouse.github import accounts
from github_warehouse.github.budgets import open_session
from github_warehouse.github.client import Cost, GitHubClient
from github_warehouse.logins import check_company, check_login
from github_warehouse.model import Company
from github_warehouse.warehouse.state import State

_NOTHING_TRACKED = (
    'no company is tracked: set COMPANIES to a list of logins, '
    'as in COMPANIES=jenkinsci,torvalds'
)


@dataclass(frozen=True)
class Selection:
    """The companies of one run.

    Attributes:
        to_read: companies to read.
        new: companies that this run starts to track.
        tracked_ids: account ids of all tracked companies, including new ones.
        failures: why companies that are new in COMPANIES were not found, by
            login.
    """

    to_read: Sequence[Company]
    new: Sequence[Company]
    tracked_ids: frozenset[int]
    failures: Mapping[str, WarehouseError]


def find_company(login: str, companies: Iterable[Company]) -> Company | None:
    """Find the company with a login, ignoring case; None if there is none.

    A company that has the login on GitHub today wins over one that was
    tracked under it, because another account can take over an unused login.
    LOGIN#ID selects a company by its GitHub account id.
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
        UsageError: no tracked company has it.
    """
    tracked = [each for each in companies if each.is_tracked]
    company = find_company(login, tracked)
    if company is None:
        raise UsageError(
            f'{login} is not tracked, and nothing was written: see '
            '`github-warehouse companies` for those that are'
        )
    return company


def find_on_github(login: str, client: GitHubClient) -> Company:
    """Look up the account that has a login on GitHub.

    Raises:
        UnknownCompanyError: no account has it.
        UsageError: it does not have the form of a login.
        GitHubError: GitHub cannot be read.
    """
    session = open_session(client, 'core', Cost())
    try:
        account = accounts.read_account(session, check_login(login))
    finally:
        client.tokens.release(session.token)
    if account is None:
        raise UnknownCompanyError(
            f'GitHub has no account {login}: check the spelling'
        )
    return Company(account, account.login)


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
        GitHubError: GitHub cannot be read.
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
    """Look up companies that are new in COMPANIES; choose those to read.

    A failed look-up does not stop the run while other companies are tracked.

    Args:
        state: what the warehouse tracks.
        listed: the logins in COMPANIES.
        logins: companies to read; empty for all.
        client: used to look up new companies.

    Raises:
        UsageError: a login in `logins` is not tracked, or no company is.
        UnknownCompanyError: no company is tracked, and the first look-up that
            failed found no account.
        GitHubError: no company is tracked, and that look-up failed otherwise.
    """
    for login in logins:
        check_company(login)
    new, failures = _look_up_new(state, listed, client)
    tracked = [*state.companies, *new]
    if not tracked:
        raise next(iter(failures.values()), UsageError(_NOTHING_TRACKED))
    chosen = [_find_selected(login, tracked) for login in logins] or tracked
    return Selection(
        to_read=list({c.account.account_id: c for c in chosen}.values()),
        new=new,
        tracked_ids=frozenset(c.account.account_id for c in tracked),
        failures=failures,
    )


def _find_selected(login: str, companies: Sequence[Company]) -> Company:
    company = find_company(login, companies)
    if company is None:
        raise UsageError(
            f'{login} is not tracked: add it to COMPANIES, or choose from '
            + ', '.join(sorted(c.account.login for c in companies))
        )
    return company


def _look_up_new(
    state: State, listed: Sequence[str], client: GitHubClient
) -> tuple[list[Company], dict[str, WarehouseError]]:
    """Look up the companies that are new in COMPANIES.

    Returns:
        The companies found that are not tracked yet; the failures by login.
    """
    new: list[Company] = []
    failures: dict[str, WarehouseError] = {}
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
                failures[login] = _naming(login, failure)
            continue
        if company.account.account_id not in {
            each.account.account_id for each in known
        }:
            new.append(company)
    return new, failures


def _naming(login: str, failure: WarehouseError) -> WarehouseError:
    """Return the failure with a message that names the company."""
    if isinstance(failure, UnknownCompanyError):
        return failure
    return type(failure)(
        f'{login}, new in COMPANIES, could not be looked up: {failure}'
    )
