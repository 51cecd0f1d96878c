"""Which companies a run reads, and which ones it starts to track."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from github_warehouse.companies import (
    check_login_found,
    find_company,
    find_on_github,
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
        found: companies that this run starts to track.
        to_read: those of them to read.
        failures: why the others are not tracked, by login.
    """

    found: Sequence[Company]
    to_read: Sequence[Company]
    failures: Mapping[str, WarehouseError]


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
        raise UsageError(_NOTHING_TRACKED)
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
        UsageError: there is no company to read.
        UnknownCompanyError: there is none, and GitHub has no account with the
            first login.
        GitHubError: there is none, and the first look-up failed.
    """
    results = client.map(
        lambda login: _try_find(login, client), selection.unknown
    )
    tracked = list(state.companies)
    found: list[Company] = []
    failures: dict[str, WarehouseError] = {}
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
        raise next(iter(failures.values()), UsageError(_NOTHING_TRACKED))
    return NewCompanies(found, to_read, failures)


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
        log.warning('COMPANIES lists a company that is gone')
        return
    log.warning('company not looked up', reason=str(failure))
    failures[login] = _naming(login, failure)


def _not_tracked(
    login: str, state: State, unknown: Sequence[str]
) -> UsageError:
    known = {each.account.login for each in state.companies} | {*unknown}
    return UsageError(
        f'{login} is not tracked: add it to COMPANIES, or choose from '
        + ', '.join(sorted(known))
    )


def _naming(login: str, failure: WarehouseError) -> WarehouseError:
    """Return the failure with a message that names the company."""
    if isinstance(failure, UnknownCompanyError):
        return failure
    return type(failure)(
        f'{login}, new in COMPANIES, could not be looked up: {failure}'
    )
