"""Alerts: what goes wrong is sent once, and once more when it is over.

A webhook of Slack's form gets them: https://api.slack.com/messaging/webhooks
"""

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import requests
import structlog
import tenacity

from github_warehouse.config import Settings
from github_warehouse.environment import Reader
from github_warehouse.errors import (
    AlertError,
    DatabaseError,
    RunInProgressError,
    SettingsError,
    UsageError,
    WarehouseError,
)
from github_warehouse.redact import redact
from github_warehouse.warehouse.alerting import (
    alerts_locked,
    companies_ahead,
    read_alerts,
    stale_companies,
    tracked_companies,
    write_alerts,
)
from github_warehouse.warehouse.connection import Warehouse
from github_warehouse.warehouse.private import lock_folder, make_private
from github_warehouse.warehouse.runs import find_killed_run

# Keys of the table `alerts`; messages by key are what is wrong.
_RUN = 'run'
_BLOCKED = 'blocked'
_KILLED = 'killed'
_INCOMPLETE = 'incomplete'
_AWAY = 'away'
_COMPANY = 'company:'
_AUDIT = 'audit:'
_STALE = 'stale:'
_AHEAD = 'ahead:'
# Exit 75 is worth an alert the second time in a row. The first is kept among
# the alerts, and not sent.
_BLOCKED_ONCE = 'blocked once'
# sent by the name of each company
_SENT_AS_STALE = 'stale_companies'
_TIMEOUT_SECONDS = 10

Messages = Mapping[str, str]


def alert_of_failure(
    settings: Settings, warehouse: Warehouse, now: datetime, error: Exception
) -> None:
    """Send that a run wrote nothing; nothing new is known of the rows.

    Args:
        settings: without an address nothing is sent.
        warehouse: remembers what was sent.
        now: business time, UTC.
        error: why the run ended.
    """

    def judge(known: Messages) -> Messages:
        # what it was blocked by, it cannot say of the run before
        lasting = _without(known, _BLOCKED, _BLOCKED_ONCE)
        if isinstance(error, RunInProgressError):
            if _BLOCKED_ONCE in known:
                lasting[_BLOCKED] = f'runs are kept from running: {error}'
            return {**lasting, _BLOCKED_ONCE: str(error)}
        verb = 'was refused' if isinstance(error, UsageError) else 'failed'
        return {**lasting, _RUN: f'a run {verb}: {error}'}

    _alert(settings, warehouse, now, judge)


def alert_of_run(
    settings: Settings,
    warehouse: Warehouse,
    now: datetime,
    unread: Messages,
    read: Sequence[str],
    failures: Sequence[str],
    warnings: Sequence[str],
) -> None:
    """Send what is newly wrong after a run that wrote, and what is over.

    Args:
        settings: without an address nothing is sent.
        warehouse: remembers what was sent.
        now: business time, UTC.
        unread: why companies were not read whole, by login.
        read: logins of those that were.
        failures: what else went wrong.
        warnings: what the audits found suspicious, `NAME: ...` each.
    """

    def judge(known: Messages) -> Messages:
        wrong = {k: m for k, m in known.items() if k.startswith(_COMPANY)}
        wrong |= {
            _COMPANY + login: f'{login} was not read whole: {error}'
            for login, error in unread.items()
        }
        wrong = _without(wrong, *(_COMPANY + login for login in read))
        if failures:
            wrong[_INCOMPLETE] = f'a run was partial: {"; ".join(failures)}'
        for warning in warnings:
            name = warning.partition(':')[0]
            if name != _SENT_AS_STALE:
                wrong[_AUDIT + name] = f'an audit warns: {warning}'
        return wrong

    _alert(settings, warehouse, now, judge)


def alert_by_the_clock(
    settings: Settings, warehouse: Warehouse, now: datetime
) -> None:
    """Send what is newly wrong without a run: stale, ahead, killed.

    Args:
        settings: without an address nothing is sent.
        warehouse: remembers what was sent.
        now: the time, UTC.
    """
    _alert(settings, warehouse, now, lambda known: known)


def alert_unopened(error: WarehouseError) -> None:
    """Send, once, that no warehouse could be opened.

    There are no settings then but the address, and no table that remembers.
    """
    url = _address()
    if url is not None:
        _send_outside(url, _unopened_mark(), f'a run failed: {error}')


def alert_opened(settings: Settings) -> None:
    """Send, once, that a warehouse can be opened again."""
    url = settings.alert_webhook_url
    if url is not None:
        _resolve_outside(url, _unopened_mark())


def _alert(
    settings: Settings,
    warehouse: Warehouse,
    now: datetime,
    judge: Callable[[Messages], Messages],
) -> None:
    """Send what is newly wrong, and what is over.

    What cannot be sent is logged, and sent the next time.
    """
    url = settings.alert_webhook_url
    if url is None:
        return
    # a warehouse that is away cannot remember that this was sent
    sent_while_away = warehouse.lock_file.with_suffix('.alerted')
    title = f'GitHub Warehouse, {warehouse.name}'
    try:
        with alerts_locked(warehouse) as cursor:
            known = read_alerts(cursor)
            tracked = tracked_companies(cursor)
            wrong = {
                key: message
                for key, message in judge(known).items()
                if not key.startswith((_STALE, _AHEAD))
                and (
                    not key.startswith(_COMPANY)
                    or key.removeprefix(_COMPANY) in tracked
                )
            }
            wrong |= _by_the_clock(cursor, now)
            killed = find_killed_run(warehouse)
            if killed:
                wrong[_KILLED] = f'a run was killed: {killed}'
            _send(url, title, known, wrong)
            write_alerts(cursor, wrong, now)
        _resolve_outside(url, sent_while_away)
    except DatabaseError as error:
        _send_outside(url, sent_while_away, f'a run failed: {error}')
    except AlertError as error:
        structlog.get_logger().warning('not alerted', reason=str(error))
