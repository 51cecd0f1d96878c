"""What a run is about: which companies, at what time, on which host.

Whatever is wrong with a request is found here, before anything is written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from github_warehouse.config import Settings, check_login
from github_warehouse.errors import UnknownCompanyError, UsageError
from github_warehouse.github import accounts
from github_warehouse.github.budgets import open_session
from github_warehouse.github.client import Cost, GitHubClient
from github_warehouse.model import CompanyToRead, utc_now
from github_warehouse.warehouse.state import State

_GITHUB_COM = 'api.github.com'


@dataclass(frozen=True)
class Selection:
    """The companies of one run.

    Attributes:
        to_read: those that are read.
        new: those that are to be tracked from now on.
        tracked_ids: every company tracked from now on.
    """

    to_read: Sequence[CompanyToRead]
    new: Sequence[CompanyToRead]
    tracked_ids: frozenset[int]


def select_companies(
    state: State,
    settings: Settings,
    logins: Sequence[str],
    client: GitHubClient,
) -> Selection:
    """Track what COMPANIES names, then choose the companies to read.

    Args:
        state: what the warehouse tracks.
        settings: COMPANIES is among them.
        logins: the companies to read; empty for all of them.
        client: to look up the accounts of logins never seen before.

    Raises:
        UnknownCompanyError: GitHub knows no account of a login.
        UsageError: a login is not tracked, or there is no company at all.
    """
    for login in logins:
        check_login(login)
    by_login: dict[str, CompanyToRead] = {}
    for tracked in state.companies:
        company = CompanyToRead(tracked.account, tracked.source)
        by_login[tracked.source.lower()] = company
        by_login.setdefault(tracked.account.login.lower(), company)
    new = _track_named(by_login, state, settings, client)
    if not by_login:
        raise UsageError(
            'no company is tracked: set COMPANIES to a list of logins, '
            'as in COMPANIES=jenkinsci,torvalds'
        )
    chosen = [_tracked(login, by_login) for login in logins]
    every = {c.account.account_id: c for c in by_login.values()}
    return Selection(
        to_read=list(
            {
                c.account.account_id: c for c in chosen or every.values()
            }.values()
        ),
        new=list(new.values()),
        tracked_ids=frozenset(every),
    )


def _track_named(
    by_login: dict[str, CompanyToRead],
    state: State,
    settings: Settings,
    client: GitHubClient,
) -> dict[int, CompanyToRead]:
    """Look up whom COMPANIES names anew; add them, and return them by id."""
    known_ids = {company.account.account_id for company in by_login.values()}
    new: dict[int, CompanyToRead] = {}
    for login in settings.companies:
        if login.lower() in by_login:
            continue
        try:
            company = find_on_github(login, client)
        except UnknownCompanyError:
            if login.lower() not in state.untracked:
                raise
            # it was there once: the others must not wait for it
            structlog.get_logger().warning(
                'COMPANIES names a company that is gone and not tracked',
                company=login,
            )
            continue
        by_login[login.lower()] = company
        if company.account.account_id not in known_ids:
            new.setdefault(company.account.account_id, company)
    return new


def check_time(
    as_of: datetime | None,
    started_at: datetime,
    settings: Settings,
    state: State,
) -> None:
    """Refuse a business time that would write into the past or the future.

    Raises:
        UsageError: it is refused.
    """
    if as_of is not None and settings.api_host == _GITHUB_COM:
        raise UsageError(
            '--as-of is refused against github.com: it would write today\'s '
            'numbers under another day'
        )
    if as_of is not None and as_of > utc_now():
        raise UsageError(f'--as-of {as_of:%Y-%m-%dT%H:%M:%SZ} is to come')
    last_runs = [c.last_run for c in state.companies if c.last_run]
    if last_runs and started_at < max(last_runs):
        raise UsageError(
            f'it is {started_at:%Y-%m-%dT%H:%M:%SZ} for this run, but the '
            f'warehouse holds a run of {max(last_runs):%Y-%m-%dT%H:%M:%SZ}: '
            'a day before the last one cannot be written'
        )
    if state.last_day is not None and started_at.date() < state.last_day:
        raise UsageError(
            f'it is {started_at.date()} for this run, but the warehouse '
            f'holds snapshots of {state.last_day}: '
            'a day before the last one cannot be written'
        )


def check_host(settings: Settings, api_host: str | None) -> None:
    """Refuse another host than the one whose data the warehouse holds.

    Raises:
        UsageError: it is another one.
    """
    if api_host not in (None, settings.api_host):
        raise UsageError(
            f'the warehouse holds data of {api_host}, and '
            f'GITHUB_API_URL names {settings.api_host}: '
            'use a warehouse of its own for each'
        )


def find_on_github(login: str, client: GitHubClient) -> CompanyToRead:
    """Find the account of a login that is to be tracked.

    Raises:
        UnknownCompanyError: GitHub knows none.
        UsageError: it is no login.
    """
    session = open_session(client, 'core', Cost())
    try:
        account = accounts.read_account(session, check_login(login))
    finally:
        client.tokens.give_back(session.token)
    if account is None:
        raise UnknownCompanyError(
            f'GitHub knows no account {login}: nothing was written; '
            'correct the login'
        )
    return CompanyToRead(account, account.login)


def _tracked(login: str, by_login: dict[str, CompanyToRead]) -> CompanyToRead:
    company = by_login.get(login.lower())
    if company is None:
        raise UsageError(
            f'{login} is not tracked: add it to COMPANIES, or name one of '
            + ', '.join(sorted(c.account.login for c in by_login.values()))
        )
    return company
