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

# Keys of the table `alerts`; some are followed by `:` and what they are about.
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
# Only the second exit 75 in a row is sent. The first is recorded here.
_BLOCKED_ONCE = 'blocked once'
# This audit's warning is sent as one alert per company.
_SENT_AS_STALE = 'stale_companies'

# Messages of open alerts, by key.
Messages = Mapping[str, str]


@dataclass(frozen=True)
class Findings:
    """What a run that wrote found.

    Attributes:
        unread: why companies were not read completely, by account id.
        read: account ids of the companies that were.
        not_found: why companies that are new in COMPANIES were not found, by
            login.
        out_of_time: that RUN_MAX_MINUTES was reached, else None.
        warnings: of the audits, `NAME: ...` each.
    """

    unread: Mapping[int, str] = field(default_factory=dict)
    read: Sequence[int] = ()
    not_found: Messages = field(default_factory=dict)
    out_of_time: str | None = None
    warnings: Sequence[str] = ()


def alert_of_failure(
    settings: Settings, warehouse: Warehouse, now: datetime, error: Exception
) -> None:
    """Send that a run failed; send it again when it fails for another reason.

    Args:
        settings: without the URL of a webhook nothing is sent.
        warehouse: the warehouse, which remembers what was sent.
        now: business time, UTC.
        error: why the run ended.
    """

    def update(known: Messages) -> Messages:
        others = {k: m for k, m in known.items() if not _is_of_run(k)}
        if isinstance(error, RunInProgressError):
            if _BLOCKED_ONCE in known:
                others[_BLOCKED] = f'no run finishes: {error}'
            failed = {k: m for k, m in known.items() if _is_failure(k)}
            return {**others, **failed, _BLOCKED_ONCE: str(error)}
        # without a kind: sent by version 0.1
        key = _RUN if _RUN in known else f'{_RUN}:{type(error).__name__}'
        verb = 'was refused' if isinstance(error, UsageError) else 'failed'
        return {**others, key: f'a run {verb}: {error}'}

    _alert(settings, warehouse, now, update, error)


def alert_of_run(
    settings: Settings, warehouse: Warehouse, now: datetime, found: Findings
) -> None:
    """Send what is new and what is resolved after a run that wrote.

    Args:
        settings: without the URL of a webhook nothing is sent.
        warehouse: the warehouse, which remembers what was sent.
        now: business time, UTC.
        found: the findings of the run.
    """

    def update(known: Messages) -> Messages:
        wrong = {k: m for k, m in known.items() if k.startswith(_COMPANY)}
        wrong |= {f'{_COMPANY}{id}': m for id, m in found.unread.items()}
        for account_id in found.read:
            wrong.pop(f'{_COMPANY}{account_id}', None)
        wrong |= {
            _NEW + login.lower(): message
            for login, message in found.not_found.items()
        }
        if found.out_of_time:
            wrong[_OUT_OF_TIME] = f'a run was partial: {found.out_of_time}'
        for warning in found.warnings:
            name = warning.partition(':')[0]
            if name != _SENT_AS_STALE:
                wrong[_AUDIT + name] = f'an audit warns: {warning}'
        return wrong

    _alert(settings, warehouse, now, update)


def alert_by_the_clock(
    settings: Settings, warehouse: Warehouse, now: datetime
) -> None:
    """Send what is new and what is resolved without a run.

    That is: companies that are stale or were read in the future, a run that
    was killed, and that no company was ever tracked.

    Args:
        settings: without the URL of a webhook nothing is sent.
        warehouse: the warehouse, which remembers what was sent.
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
    """Send what is new and what is resolved.

    What cannot be sent is logged, and sent the next time.
    """
    url = settings.alert_webhook_url
    if url is None:
        return
    mark = warehouse.lock_file.with_suffix('.alerted')
    title = f'{TITLE}, {warehouse.name}'
    with log_unsent_alerts():
        try:
            # Sent while the table is locked, so that no other command sends
            # the same. That takes half a minute at most.
            with alerts_locked(warehouse) as cursor:
                known = read_alerts(cursor)
                wrong = {**update(known)}
                _add_state(wrong, settings, warehouse, cursor, now)
                lines = _lines(known, wrong)
                if lines:
                    send_to_webhook(url, title, lines)
                write_alerts(cursor, wrong, now)
        except AlertError:
            raise
        except WarehouseError as error:
            message = f'a run failed: {failure}' if failure else str(error)
            send_outage(url, mark, title, message)
        else:
            resolve_outage(url, mark, title)


def _add_state(
    wrong: dict[str, str],
    settings: Settings,
    warehouse: Warehouse,
    cursor: Cursor,
    now: datetime,
) -> None:
    """Replace the alerts that do not depend on what a run did."""
    tracked = {f'{_COMPANY}{id}' for id in tracked_companies(cursor)}
    for key in list(wrong):
        if key.startswith((_STALE, _AHEAD, _UNTRACKED)) or (
            key.startswith(_COMPANY) and key not in tracked
        ):
            del wrong[key]
    for account_id, login, since in stale_companies(cursor, now):
        wrong[f'{_STALE}{account_id}'] = (
            f'{login} was not read completely since {since:%Y-%m-%d %H:%M} UTC'
        )
    for account_id, login in companies_ahead(cursor, now):
        wrong[f'{_AHEAD}{account_id}'] = (
            f'the last run of {login} is in the future: a clock is or was wrong'
        )
    migrated_at = settings.companies and untracked_since(cursor, now)
    if migrated_at:
        wrong[_UNTRACKED] = (
            'no company was ever tracked since the warehouse was created, '
            f'{migrated_at:%Y-%m-%d %H:%M} UTC: no ingest succeeded'
        )
    killed = find_killed_run(warehouse)
    if killed is not None:
        wrong.pop(_KILLED, None)
    if killed:
        wrong[_KILLED] = f'a run was killed: {killed}'


def _lines(known: Messages, wrong: Messages) -> list[str]:
    """Return what to send: new problems, then those that are resolved."""
    still_fails = any(_is_failure(key) for key in wrong)
    return [
        message
        for key, message in wrong.items()
        if key not in known and key != _BLOCKED_ONCE
    ] + [
        f'resolved: {message}'
        for key, message in known.items()
        if key not in wrong
        and key != _BLOCKED_ONCE
        and not (still_fails and _is_failure(key))
    ]
