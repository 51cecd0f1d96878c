"""Find companies by login: tracked, formerly tracked, or on GitHub."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import structlog

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
