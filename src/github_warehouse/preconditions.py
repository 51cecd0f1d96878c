"""Checks that a run must pass before it writes: time, clock, GitHub host."""

from datetime import datetime, timedelta

from github_warehouse.config import Settings
from github_warehouse.errors import ClockError, UnreachableError, UsageError
from github_warehouse.github.client import GitHubClient
from github_warehouse.model import utc_now
from github_warehouse.warehouse.state import State

_GITHUB_COM = 'api.github.com'
_LARGEST_CLOCK_OFFSET = timedelta(hours=1)
_PAST_DAYS = (
    'past days cannot be written; if the last one is in the future, see '
    '"The clock was ahead" in docs/runbook.md'
)


def check_time(
    as_of: datetime | None,
    started_at: datetime,
    settings: Settings,
    state: State,
) -> None:
    """Check that the business time is neither in the past nor in the future.

    Args:
        as_of: the business time given with --as-of, UTC; None if not given.
        started_at: the business time of the run, UTC.
        settings: for GitHub's host.
        state: for the last run and the last day.

    Raises:
        UsageError: the time is before the last run or in the future, or
            --as-of is used with github.com.
    """
    if as_of is not None and settings.api_host == _GITHUB_COM:
        raise UsageError(
            '--as-of cannot be used with github.com: it would record '
            'today\'s values under another day'
        )
    if as_of is not None and as_of.year < 1970:
        raise UsageError(
            f'--as-of {as_of.isoformat()} is before 1970: give a later time'
        )
    if as_of is not None and as_of > utc_now():
        raise UsageError(
            f'--as-of {as_of:%Y-%m-%dT%H:%M:%SZ} is in the future: give a '
            'time up to now'
        )
    _check_not_past(started_at, state)


def _check_not_past(started_at: datetime, state: State) -> None:
    last_runs = [c.last_run for c in state.companies if c.last_run]
    if last_runs and started_at < max(last_runs):
        raise UsageError(
            f'the time of this run, {started_at:%Y-%m-%dT%H:%M:%SZ}, is '
            f'before the last run, {max(last_runs):%Y-%m-%dT%H:%M:%SZ}: '
            f'{_PAST_DAYS}'
        )
    if state.last_day is not None and started_at.date() < state.last_day:
        raise UsageError(
            f'the day of this run, {started_at.date()}, is before the last '
            f'day in the warehouse, {state.last_day}: {_PAST_DAYS}'
        )


def check_clock(client: GitHubClient, started_at: datetime) -> None:
    """Check this machine's clock against the dates of GitHub's answers.

    A run that fails here loses nothing: the next one fills in the day. If no
    answer has a usable date, the check passes.

    Args:
        client: the client of the run, after GitHub was read.
        started_at: start of the run by this machine's clock, UTC.

    Raises:
        ClockError: the clocks differ by more than an hour.
        UnreachableError: GitHub did not answer any request.
    """
    if not client.is_answered:
        raise UnreachableError(
            'GitHub did not answer any request, and nothing was written: '
            'check the network and GITHUB_API_URL, then run again'
        )
    offset = client.clock_offset
    if offset is not None and abs(offset) > _LARGEST_CLOCK_OFFSET:
        raise ClockError(
            'the clock of this machine is wrong, and nothing was written: '
            f'the run started at {started_at:%Y-%m-%d %H:%M} UTC by this '
            f'clock, at {started_at + offset:%Y-%m-%d %H:%M} UTC by '
            'GitHub\'s; set the clock, then run again'
        )


def check_host(settings: Settings, api_host: str | None) -> None:
    """Check that the warehouse's data comes from the GitHub in the settings.

    Args:
        settings: for GitHub's host.
        api_host: host the data comes from; None if the warehouse is empty.

    Raises:
        UsageError: the data comes from another host.
    """
    if api_host not in (None, settings.api_host):
        raise UsageError(
            f'the warehouse holds data from {api_host}, but GITHUB_API_URL '
            f'points to {settings.api_host}: use a separate warehouse for '
            'each'
        )
