"""Alerts: what goes wrong is told once, and once more when it is over.

A webhook of Slack's form gets them: https://api.slack.com/messaging/webhooks
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import requests
import structlog
import tenacity

from github_warehouse.config import Settings
from github_warehouse.errors import AlertError, DatabaseError
from github_warehouse.redact import redact
from github_warehouse.warehouse.alerting import (
    alerts_locked,
    read_alerts,
    stale_companies,
    write_alerts,
)
from github_warehouse.warehouse.connection import Warehouse

RUN = 'run'
_AUDIT = 'audit:'
_STALE = 'stale:'
# each of them is told by its company's name
_TOLD_AS_STALE = 'stale_companies'
_TIMEOUT_SECONDS = 10


def alert(
    settings: Settings,
    warehouse: Warehouse,
    now: datetime,
    failure: str | None,
    warnings: Sequence[str],
) -> None:
    """Tell what is newly wrong after a run, and what is over.

    What cannot be told is logged, and told after the next run.

    Args:
        settings: without an address, nothing is told.
        warehouse: remembers what was told.
        now: business time of the run, UTC.
        failure: why the run wrote nothing; None when it wrote.
        warnings: what its audits found suspicious, `NAME: ...` each.
    """
    if settings.alert_webhook_url is None:
        return
    # a warehouse that is away cannot remember that this was told
    told_while_away = warehouse.lock_file.with_suffix('.alerted')
    try:
        try:
            with alerts_locked(warehouse) as cursor:
                known = read_alerts(cursor)
                if told_while_away.exists():
                    known.setdefault(RUN, 'the warehouse was away')
                wrong = _wrong(failure, warnings, known)
                for login, since in stale_companies(cursor, now).items():
                    wrong[_STALE + login] = (
                        f'{login} was not read whole since '
                        f'{since:%Y-%m-%d %H:%M} UTC'
                    )
                _send(settings.alert_webhook_url, warehouse, known, wrong)
                write_alerts(cursor, wrong, now)
            told_while_away.unlink(missing_ok=True)
        except DatabaseError as error:
            _tell_away(settings.alert_webhook_url, warehouse, error)
    except AlertError as error:
        structlog.get_logger().warning('not alerted', reason=str(error))


def _wrong(
    failure: str | None, warnings: Sequence[str], known: Mapping[str, str]
) -> dict[str, str]:
    """Tell what is wrong with the run and its rows, by key."""
    if failure is not None:
        # nothing was written, so nothing is known of the rows
        audits = {k: m for k, m in known.items() if k.startswith(_AUDIT)}
        return {RUN: f'a run failed: {failure}', **audits}
    return {
        _AUDIT + name: f'an audit warns: {warning}'
        for warning in warnings
        if (name := warning.partition(':')[0]) != _TOLD_AS_STALE
    }


def _send(
    url: str,
    warehouse: Warehouse,
    known: Mapping[str, str],
    wrong: Mapping[str, str],
) -> None:
    lines = [message for key, message in wrong.items() if key not in known]
    lines += [
        f'over: {message}'
        for key, message in known.items()
        if key not in wrong
    ]
    if lines:
        _post(url, f'GitHub Warehouse, {warehouse.name}', lines)


def _tell_away(url: str, warehouse: Warehouse, error: DatabaseError) -> None:
    mark: Path = warehouse.lock_file.with_suffix('.alerted')
    if not mark.exists():
        _post(
            url,
            f'GitHub Warehouse, {warehouse.name}',
            [f'a run failed: {error}'],
        )
        mark.touch()


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
