"""What must hold for a run to write: its time, the clock, GitHub's host."""

from datetime import datetime, timedelta

from github_warehouse.config import Settings
from github_warehouse.errors import ClockError, UnreachableError, UsageError
from github_warehouse.github.client import GitHubClient
from github_warehouse.model import utc_now
from github_warehouse.warehouse.state import State

_GITHUB_COM = 'api.github.com'
_LARGEST_CLOCK_ERROR = timedelta(hours=1)


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
    if as_of is not None and as_of.year < 1970:
        raise UsageError(f'--as-of {as_of.isoformat()} is before 1970')
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
