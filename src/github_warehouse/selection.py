"""Which companies a run reads, and which ones it starts to track."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from github_warehouse.companies import (
    check_login_found,
    find_company,
    find_on_github,
    not_tracked,
)
from github_warehouse.errors import (
    GitHubError,
    UnknownCompanyError,
    UsageError,
    WarehouseError,
)
from github_warehouse.github.client import GitHubClient
from github_warehouse.logins import check_company
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
        to_read: tracked companies to read.
        new_logins: logins in COMPANIES that are not tracked yet.
        logins: the logins given on the command line; empty to read all
            companies.
    """

    to_read: Sequence[Company]
    new_logins: Sequence[str]
    logins: Sequence[str]


@dataclass(frozen=True)
class NewCompanies:
    """The companies that are new in COMPANIES.

    Attributes:
        found: companies that this run starts to track.
        to_read: the companies in `found` that this run reads.
        failures: by login, why a company could not be tracked.
    """

    found: Sequence[Company]
    to_read: Sequence[Company]
    failures: Mapping[str, WarehouseError]


def select_companies(
    state: State, listed: Sequence[str], logins: Sequence[str]
) -> Selection:
    """Choose which tracked companies to read, and which logins to look up.

    Args:
        state: state of the warehouse.
        listed: the logins in COMPANIES.
        logins: the logins given on the command line; empty to read all
            companies.

    Raises:
        UsageError: a login is not tracked, or no company is.
    """
    for login in logins:
        check_company(login)
    new_logins = [
        login for login in listed if not find_company(login, state.companies)
    ]
    if not state.companies and not new_logins:
        raise UsageError(_NOTHING_TRACKED)
    new = {login.lower() for login in new_logins}
    found = {login: find_company(login, state.companies) for login in logins}
    for login, company in found.items():
        if company is None and login.lower() not in new:
            raise not_tracked(login)
    chosen = [each for each in found.values() if each]
    if not logins:
        chosen = list(state.companies)
    return Selection(
        to_read=list({c.account.account_id: c for c in chosen}.values()),
        new_logins=new_logins,
        logins=logins,
    )


def look_up_new(
    selection: Selection, state: State, client: GitHubClient
) -> NewCompanies:
    """Look up the companies that are new in COMPANIES.

    If a lookup fails, the other companies are still read. It is raised as an
    error only if no company is left to read.

    Args:
        selection: the logins to look up.
        state: state of the warehouse.
        client: client to look them up with.

    Raises:
        UsageError: no company is left to read, and no lookup failed.
        UnknownCompanyError: no company is left to read, and GitHub has no
            account with the first login.
        GitHubError: no company is left to read, and the first lookup failed.
    """
    results = client.map(
        lambda login: _try_find(login, client), selection.new_logins
    )
    tracked = list(state.companies)
    found: list[Company] = []
    failures: dict[str, WarehouseError] = {}
    # Answers with the requested login first: `_accept` checks that no later
    # answer has a login that is already taken.
    for login, result in sorted(
        zip(selection.new_logins, results, strict=True), key=_has_another_login
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
        raise next(iter(failures.values()), UsageError(_NOTHING_TRACKED))
    return NewCompanies(found, to_read, failures)


def _try_find(login: str, client: GitHubClient) -> Company | WarehouseError:
    try:
        return find_on_github(login, client)
    except (UnknownCompanyError, GitHubError) as failure:
        return failure


def _has_another_login(
    looked_up: tuple[str, Company | WarehouseError],
) -> bool:
    login, result = looked_up
    return (
        isinstance(result, Company)
        and result.account.login.lower() != login.lower()
    )


def _accept(
    login: str, result: Company | WarehouseError, tracked: Sequence[Company]
) -> Company | None:
    """Return the company to track; None if it is tracked already."""
    if isinstance(result, WarehouseError):
        raise result
    check_login_found(login, result, tracked)
    ids = {each.account.account_id for each in tracked}
    return None if result.account.account_id in ids else result


def _note_failure(
    login: str,
    failure: UnknownCompanyError | GitHubError,
    state: State,
    failures: dict[str, WarehouseError],
) -> None:
    log = structlog.get_logger().bind(company=login)
    if isinstance(failure, UnknownCompanyError) and find_company(
        login, state.untracked
    ):
        log.warning('a company in COMPANIES no longer exists on GitHub')
        return
    log.warning('company lookup failed', reason=str(failure))
    failures[login] = _with_login(login, failure)


def _with_login(login: str, failure: WarehouseError) -> WarehouseError:
    """Return the failure with a message that contains the login."""
    if isinstance(failure, UnknownCompanyError):
        return failure
    return type(failure)(
        f'{login}, new in COMPANIES, could not be looked up: {failure}'
    )
