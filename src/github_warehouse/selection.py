"""What a run is about: which companies, at what time, on which host.

Whatever is wrong with a request is found here, before anything is written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from github_warehouse.config import Settings, check_company, check_login
from github_warehouse.errors import (
    ClockError,
    GitHubError,
    UnknownCompanyError,
    UnreachableError,
    UsageError,
    WarehouseError,
)
from github_warehouse.github import accounts
from github_warehouse.github.budgets import open_session
from github_warehouse.github.client import Cost, GitHubClient
from github_warehouse.model import CompanyToRead, utc_now
from github_warehouse.warehouse.companies import company_called
from github_warehouse.warehouse.state import State

_GITHUB_COM = 'api.github.com'
_LARGEST_CLOCK_ERROR = timedelta(hours=1)


@dataclass(frozen=True)
class Selection:
    """The companies of one run.

    Attributes:
        to_read: those that are read.
        new: those that are to be tracked from now on.
        tracked_ids: every company tracked from now on.
        failures: why companies that are new in COMPANIES are not tracked.
    """

    to_read: Sequence[CompanyToRead]
    new: Sequence[CompanyToRead]
    tracked_ids: frozenset[int]
    failures: Sequence[WarehouseError]


def select_companies(
    state: State,
    settings: Settings,
    logins: Sequence[str],
    client: GitHubClient,
) -> Selection:
    """Track what COMPANIES names, then choose the companies to read.

    A company that is new in COMPANIES and cannot be looked up does not stop
    the others, if there are any.

    Args:
        state: what the warehouse tracks.
        settings: COMPANIES is among them.
        logins: the companies to read; empty for all of them.
        client: to look up the accounts of logins never seen before.

    Raises:
        UsageError: a login is not tracked, or there is no company at all.
        UnknownCompanyError: no company is tracked, and GitHub does not know
            the first that is new in COMPANIES.
        GitHubError: no company is tracked, and that one cannot be looked up.
    """
    for login in logins:
        check_company(login)
    tracked = [CompanyToRead(c.account, c.source) for c in state.companies]
    new, failures = _look_up_new(tracked, state, settings, client)
    every = [*tracked, *new]
    if not every and failures:
        raise failures[0]
    if not every:
        raise UsageError(
            'no company is tracked: set COMPANIES to a list of logins, '
            'as in COMPANIES=jenkinsci,torvalds'
        )
    chosen = [_tracked(login, every) for login in logins] or every
    return Selection(
        to_read=list({c.account.account_id: c for c in chosen}.values()),
        new=new,
        tracked_ids=frozenset(c.account.account_id for c in every),
        failures=failures,
    )


def _look_up_new(
    tracked: Sequence[CompanyToRead],
    state: State,
    settings: Settings,
    client: GitHubClient,
) -> tuple[list[CompanyToRead], list[WarehouseError]]:
    """Look up the companies that are new in COMPANIES.

    Returns:
        Those found that are not tracked yet, and why others were not found.
    """
    new: list[CompanyToRead] = []
    failures: list[WarehouseError] = []
    for login in settings.companies:
        known = [*tracked, *new]
        if company_called(login, known):
            continue
        try:
            company = find_on_github(login, client)
        except (UnknownCompanyError, GitHubError) as failure:
            log = structlog.get_logger().bind(company=login)
            if (
                isinstance(failure, UnknownCompanyError)
                and login.lower() in state.untracked
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
        raise UsageError(
            f'--as-of {as_of:%Y-%m-%dT%H:%M:%SZ} is in the future'
        )
    last_runs = [c.last_run for c in state.companies if c.last_run]
    if last_runs and started_at < max(last_runs):
        raise UsageError(
            f'it is {started_at:%Y-%m-%dT%H:%M:%SZ} for this run, but the '
            f'warehouse holds a run of {max(last_runs):%Y-%m-%dT%H:%M:%SZ}: '
            'a day before the last one cannot be written; if that day is in '
            'the future, see "The clock was ahead" in docs/runbook.md'
        )
    if state.last_day is not None and started_at.date() < state.last_day:
        raise UsageError(
            f'it is {started_at.date()} for this run, but the warehouse '
            f'holds snapshots of {state.last_day}: '
            'a day before the last one cannot be written; if that day is in '
            'the future, see "The clock was ahead" in docs/runbook.md'
        )


def check_clock(client: GitHubClient, started_at: datetime) -> None:
    """Refuse to write when the clock is wrong or GitHub was not reached.

    Nothing is lost: the next run fills in the day. Answers without a usable
    date are accepted.

    Args:
        client: the client of the run, after GitHub was read.
        started_at: when the run began by this machine's clock, UTC.

    Raises:
        ClockError: GitHub's clock differs by more than an hour.
        UnreachableError: GitHub sent no answer at all.
    """
    if not client.is_answered:
        raise UnreachableError(
            'GitHub sent no answer to any request: nothing was written; '
            'check the network and GITHUB_API_URL, then run again'
        )
    error = client.clock_error
    if error is not None and abs(error) > _LARGEST_CLOCK_ERROR:
        raise ClockError(
            'the clock of this machine is wrong: the run began at '
            f'{started_at:%Y-%m-%d %H:%M} UTC by this clock, and at '
            f'{started_at + error:%Y-%m-%d %H:%M} UTC by GitHub\'s; nothing '
            'was written: set the clock, then run again'
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
            f'GitHub knows no account {login}: correct the login'
        )
    return CompanyToRead(account, account.login)


def _tracked(login: str, companies: Sequence[CompanyToRead]) -> CompanyToRead:
    company = company_called(login, companies)
    if company is None:
        raise UsageError(
            f'{login} is not tracked: add it to COMPANIES, or name one of '
            + ', '.join(sorted(c.account.login for c in companies))
        )
    return company
