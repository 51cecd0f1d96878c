"""Alerts: each problem is sent once, and once more when it is resolved."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from github_warehouse.config import Settings
from github_warehouse.errors import (
    AlertError,
    RunInProgressError,
    UsageError,
    WarehouseError,
)
from github_warehouse.outage_alerts import (
    TITLE,
    log_unsent_alerts,
    resolve_outage,
    send_outage,
)
from github_warehouse.warehouse.alerting import (
    alerts_locked,
    companies_ahead,
    read_alerts,
    stale_companies,
    tracked_companies,
    untracked_since,
    write_alerts,
)
from github_warehouse.warehouse.connection import Cursor, Warehouse
from github_warehouse.warehouse.runs import find_killed_run
from github_warehouse.webhook import send_to_webhook

# Keys of the table `alerts`. Those with `:` are followed by a login, an
# account id, or the name of an audit.
_RUN = 'run'
_BLOCKED = 'blocked'
_KILLED = 'killed'
_OUT_OF_TIME = 'out of time'
_UNTRACKED = 'untracked'
_NEW = 'new:'
_COMPANY = 'company:'
_AUDIT = 'audit:'
_STALE = 'stale:'
_AHEAD = 'ahead:'
# The first of several exits 75 in a row: stored, but not sent.
_BLOCKED_ONCE = 'blocked once'
# The warning of this audit is sent as one alert per company instead.
_SENT_AS_STALE = 'stale_companies'

# Alert messages by key.
Messages = Mapping[str, str]


@dataclass(frozen=True)
class Findings:
    """The problems of a run that wrote.

    Attributes:
        unread: by account id, why a company was not read completely.
        read: account ids of the companies that were read completely.
        not_found: by login, why a company that is new in COMPANIES was not
            found.
        out_of_time: message that RUN_MAX_MINUTES was reached, else None.
        warnings: warnings of audits, each `NAME: ...`.
    """

    unread: Mapping[int, str] = field(default_factory=dict)
    read: Sequence[int] = ()
    not_found: Messages = field(default_factory=dict)
    out_of_time: str | None = None
    warnings: Sequence[str] = ()


def alert_of_failure(
    settings: Settings, warehouse: Warehouse, now: datetime, error: Exception
) -> None:
    """Send that a run failed; send it again if the kind of error changes.

    Args:
        settings: settings; without ALERT_WEBHOOK_URL nothing is sent.
        warehouse: the warehouse, which stores the open alerts.
        now: business time, UTC.
        error: the error that ended the run.
    """

    def update(known: Messages) -> Messages:
        others = {k: m for k, m in known.items() if not _is_of_run(k)}
        if isinstance(error, RunInProgressError):
            if _BLOCKED_ONCE in known:
                others[_BLOCKED] = f'no run finishes: {error}'
            failed = {k: m for k, m in known.items() if _is_failure(k)}
            return {**others, **failed, _BLOCKED_ONCE: str(error)}
        # version 0.1 stored the key without the kind of error
        key = _RUN if _RUN in known else f'{_RUN}:{type(error).__name__}'
        verb = 'was refused' if isinstance(error, UsageError) else 'failed'
        return {**others, key: f'a run {verb}: {error}'}

    _alert(settings, warehouse, now, update, error)


def alert_of_run(
    settings: Settings, warehouse: Warehouse, now: datetime, found: Findings
) -> None:
    """Send new and resolved problems after a run that wrote.

    Args:
        settings: settings; without ALERT_WEBHOOK_URL nothing is sent.
        warehouse: the warehouse, which stores the open alerts.
        now: business time, UTC.
        found: the problems of the run.
    """

    def update(known: Messages) -> Messages:
        current = {k: m for k, m in known.items() if k.startswith(_COMPANY)}
        current |= {f'{_COMPANY}{id}': m for id, m in found.unread.items()}
        for account_id in found.read:
            current.pop(f'{_COMPANY}{account_id}', None)
        current |= {
            _NEW + login.lower(): message
            for login, message in found.not_found.items()
        }
        if found.out_of_time:
            current[_OUT_OF_TIME] = f'a run was partial: {found.out_of_time}'
        for warning in found.warnings:
            name = warning.partition(':')[0]
            if name != _SENT_AS_STALE:
                current[_AUDIT + name] = f'an audit warns: {warning}'
        return current

    _alert(settings, warehouse, now, update)


def alert_without_run(
    settings: Settings, warehouse: Warehouse, now: datetime
) -> None:
    """Send new and resolved problems that need no run to be found.

    These are: a company that is stale or was read in the future, a killed
    run, and a warehouse that never tracked a company.

    Args:
        settings: settings; without ALERT_WEBHOOK_URL nothing is sent.
        warehouse: the warehouse, which stores the open alerts.
        now: the time, UTC.
    """
    _alert(settings, warehouse, now, lambda known: known)


def _is_failure(key: str) -> bool:
    return key.partition(':')[0] == _RUN


def _is_of_run(key: str) -> bool:
    return _is_failure(key) or key in (_BLOCKED, _BLOCKED_ONCE)


def _alert(
    settings: Settings,
    warehouse: Warehouse,
    now: datetime,
    update: Callable[[Messages], Messages],
    failure: Exception | None = None,
) -> None:
    """Send new and resolved problems, and store the open ones.

    Args:
        settings: settings; without ALERT_WEBHOOK_URL nothing is sent.
        warehouse: the warehouse, which stores the open alerts.
        now: the time, UTC.
        update: maps the open alerts to those that are open now.
        failure: the error that ended a run; None if none failed.

    An alert that cannot be sent is logged, and sent the next time.
    """
    url = settings.alert_webhook_url
    if url is None:
        return
    sent_file = warehouse.lock_file.with_suffix('.alerted')
    title = f'{TITLE}, {warehouse.name}'
    with log_unsent_alerts():
        try:
            # The table stays locked while sending, so that no other command
            # sends the same alert. That takes at most half a minute.
            with alerts_locked(warehouse) as cursor:
                known = read_alerts(cursor)
                current = {**update(known)}
                _replace_stored(current, settings, warehouse, cursor, now)
                lines = _lines(known, current)
                if lines:
                    send_to_webhook(url, title, lines)
                write_alerts(cursor, current, now)
        except AlertError:
            raise
        except WarehouseError as error:
            message = f'a run failed: {failure}' if failure else str(error)
            send_outage(url, sent_file, title, message)
        else:
            resolve_outage(url, sent_file, title)


def _replace_stored(
    current: dict[str, str],
    settings: Settings,
    warehouse: Warehouse,
    cursor: Cursor,
    now: datetime,
) -> None:
    """Replace the alerts that depend on stored data, not on the run."""
    tracked = {f'{_COMPANY}{id}' for id in tracked_companies(cursor)}
    for key in list(current):
        if key.startswith((_STALE, _AHEAD, _UNTRACKED)) or (
            key.startswith(_COMPANY) and key not in tracked
        ):
            del current[key]
    for account_id, login, since in stale_companies(cursor, now):
        current[f'{_STALE}{account_id}'] = (
            f'{login} was not read completely since {since:%Y-%m-%d %H:%M} UTC'
        )
    for account_id, login in companies_ahead(cursor, now):
        current[f'{_AHEAD}{account_id}'] = (
            f'the last run of {login} is in the future: '
            'a clock is or was wrong'
        )
    migrated_at = settings.companies and untracked_since(cursor, now)
    if migrated_at:
        current[_UNTRACKED] = (
            'no company has been tracked since the warehouse was created, '
            f'{migrated_at:%Y-%m-%d %H:%M} UTC: no ingest succeeded'
        )
    killed = find_killed_run(warehouse)
    if killed is not None:
        current.pop(_KILLED, None)
    if killed:
        current[_KILLED] = f'a run was killed: {killed}'


def _lines(known: Messages, current: Messages) -> list[str]:
    """Return what to send: new problems, then those that are resolved."""
    still_fails = any(_is_failure(key) for key in current)
    return [
        message
        for key, message in current.items()
        if key not in known and key != _BLOCKED_ONCE
    ] + [
        f'resolved: {message}'
        for key, message in known.items()
        if key not in current
        and key != _BLOCKED_ONCE
        and not (still_fails and _is_failure(key))
    ]
