"""Alerts: what goes wrong is sent once, and once more when it is over.

A webhook of Slack's form gets them: https://api.slack.com/messaging/webhooks
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
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
from github_warehouse.warehouse.connection import Cursor, Warehouse
from github_warehouse.warehouse.private import lock_folder, make_private
from github_warehouse.warehouse.runs import find_killed_run

# Keys of the table `alerts`; messages by key are what is wrong.
_RUN = 'run'
_BLOCKED = 'blocked'
_KILLED = 'killed'
_INCOMPLETE = 'incomplete'
_COMPANY = 'company:'
_AUDIT = 'audit:'
_STALE = 'stale:'
_AHEAD = 'ahead:'
# Exit 75 is worth an alert the second time in a row. The first is kept among
# the alerts, and not sent.
_BLOCKED_ONCE = 'blocked once'
# sent by the name of each company
_SENT_AS_STALE = 'stale_companies'
_TITLE = 'GitHub Warehouse'
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
        lasting = _without(known, _RUN, _BLOCKED, _BLOCKED_ONCE)
        if isinstance(error, RunInProgressError):
            if _BLOCKED_ONCE in known:
                lasting[_BLOCKED] = f'no run comes to an end: {error}'
            if _RUN in known:
                lasting[_RUN] = known[_RUN]
            return {**lasting, _BLOCKED_ONCE: str(error)}
        verb = 'was refused' if isinstance(error, UsageError) else 'failed'
        return {**lasting, _RUN: f'a run {verb}: {error}'}

    _alert(settings, warehouse, now, judge, error)


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
    try:
        url = Reader(os.environ).webhook_url('ALERT_WEBHOOK_URL')
    except SettingsError:
        return
    if url is not None:
        with _logged():
            _send_outside(url, _mark(url), _TITLE, f'a run failed: {error}')


def alert_opened(settings: Settings) -> None:
    """Send, once, that a warehouse can be opened again."""
    url = settings.alert_webhook_url
    if url is not None:
        with _logged():
            _resolve_outside(url, _mark(url), _TITLE)


def _mark(url: str) -> Path:
    digest = sha256(url.encode()).hexdigest()[:16]
    return lock_folder() / f'{digest}.alerted'


@contextmanager
def _logged() -> Iterator[None]:
    """Log that an alert cannot be sent; a run does not fail of it."""
    try:
        yield
    except (AlertError, OSError) as error:
        structlog.get_logger().warning('not alerted', reason=str(error))


def _without(messages: Messages, *keys: str) -> dict[str, str]:
    return {k: m for k, m in messages.items() if k not in keys}


def _alert(
    settings: Settings,
    warehouse: Warehouse,
    now: datetime,
    judge: Callable[[Messages], Messages],
    failure: Exception | None = None,
) -> None:
    """Send what is newly wrong, and what is over.

    What cannot be sent is logged, and sent the next time.
    """
    url = settings.alert_webhook_url
    if url is None:
        return
    # a warehouse that is away cannot remember that this was sent
    sent_while_away = warehouse.lock_file.with_suffix('.alerted')
    title = f'{_TITLE}, {warehouse.name}'
    with _logged():
        try:
            with alerts_locked(warehouse) as cursor:
                known = read_alerts(cursor)
                wrong = {**judge(known)}
                _add_state(wrong, warehouse, cursor, now)
                _send(url, title, known, wrong)
                write_alerts(cursor, wrong, now)
        except DatabaseError as error:
            message = f'a run failed: {failure or error}'
            _send_outside(url, sent_while_away, title, message)
        else:
            _resolve_outside(url, sent_while_away, title)


def _add_state(
    wrong: dict[str, str], warehouse: Warehouse, cursor: Cursor, now: datetime
) -> None:
    """Replace what the clock tells, whatever a run did."""
    tracked = tracked_companies(cursor)
    for key in list(wrong):
        login = key.removeprefix(_COMPANY)
        if key.startswith((_STALE, _AHEAD)) or (
            key != login and login not in tracked
        ):
            del wrong[key]
    for login, since in stale_companies(cursor, now).items():
        wrong[_STALE + login] = (
            f'{login} was not read whole since {since:%Y-%m-%d %H:%M} UTC'
        )
    for login in companies_ahead(cursor, now):
        wrong[_AHEAD + login] = (
            f'{login} was read in the future: a clock was, or is, wrong'
        )
    killed = find_killed_run(warehouse)
    if killed is not None:
        wrong.pop(_KILLED, None)
    if killed:
        wrong[_KILLED] = f'a run was killed: {killed}'


def _send(url: str, title: str, known: Messages, wrong: Messages) -> None:
    lines = [
        message
        for key, message in wrong.items()
        if key not in known and key != _BLOCKED_ONCE
    ]
    lines += [
        f'resolved: {message}'
        for key, message in known.items()
        if key not in wrong and key != _BLOCKED_ONCE
    ]
    if lines:
        _post(url, title, lines)


def _send_outside(url: str, mark: Path, title: str, message: str) -> None:
    """Send what no table can remember; a file does."""
    if mark.exists():
        return
    _post(url, title, [message])
    make_private(mark.parent)
    mark.write_text(redact(message), encoding='utf-8')


def _resolve_outside(url: str, mark: Path, title: str) -> None:
    if mark.exists():
        message = mark.read_text('utf-8') or 'the warehouse was away'
        _post(url, title, [f'resolved: {message}'])
        mark.unlink(missing_ok=True)


@tenacity.retry(
    stop=tenacity.stop_after_attempt(3),
    wait=tenacity.wait_exponential(),
    retry=tenacity.retry_if_exception_type(AlertError),
    reraise=True,
)
def _post(url: str, title: str, lines: Sequence[str]) -> None:
    text = redact('\n'.join([f'*{title}*', *lines]))
    try:
        answer = requests.post(
            url,
            json={'text': text},
            timeout=_TIMEOUT_SECONDS,
            allow_redirects=False,
        )
    except requests.RequestException as error:
        raise AlertError(
            f'ALERT_WEBHOOK_URL cannot be reached: {type(error).__name__}'
        ) from error
    if answer.status_code >= 300:
        raise AlertError(f'ALERT_WEBHOOK_URL answered {answer.status_code}')
