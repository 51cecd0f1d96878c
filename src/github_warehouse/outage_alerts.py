"""Alerts that cannot be stored in the table `alerts`, but only in a file.

The settings cannot be read, or the warehouse cannot be opened or reached.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import structlog

from github_warehouse.config import Settings
from github_warehouse.environment import Reader
from github_warehouse.errors import AlertError, SettingsError, WarehouseError
from github_warehouse.redact import redact
from github_warehouse.warehouse.private import lock_folder, make_private
from github_warehouse.webhook import send_to_webhook

TITLE = 'GitHub Warehouse'


def alert_unopened(error: WarehouseError) -> None:
    """Send, once, that a command could not open the warehouse.

    It may be `status --alert`, so the message does not say that a run failed.
    The settings may be invalid: only the webhook's URL is read.
    """
    try:
        url = Reader(os.environ).webhook_url('ALERT_WEBHOOK_URL')
    except SettingsError:
        return
    if url is not None:
        with log_unsent_alerts():
            message = f'the warehouse was not opened: {error}'
            send_outage(url, _sent_file(url), TITLE, message)


def alert_opened(settings: Settings) -> None:
    """Send, once, that the warehouse can be opened again."""
    url = settings.alert_webhook_url
    if url is not None:
        with log_unsent_alerts():
            resolve_outage(url, _sent_file(url), TITLE)


def send_outage(url: str, sent_file: Path, title: str, message: str) -> None:
    """Send a message and write it to `sent_file`, unless that exists."""
    if sent_file.exists():
        return
    send_to_webhook(url, title, [message])
    make_private(sent_file.parent)
    sent_file.write_text(redact(message), encoding='utf-8')


def resolve_outage(url: str, sent_file: Path, title: str) -> None:
    """Send that the outage in `sent_file` is over; delete the file."""
    if sent_file.exists():
        message = sent_file.read_text('utf-8') or 'warehouse unreachable'
        send_to_webhook(url, title, [f'resolved: {message}'])
        sent_file.unlink(missing_ok=True)


@contextmanager
def log_unsent_alerts() -> Iterator[None]:
    """Log an alert that cannot be sent instead of failing the command."""
    try:
        yield
    except (AlertError, OSError) as error:
        structlog.get_logger().warning('alert not sent', reason=str(error))


def _sent_file(url: str) -> Path:
    digest = sha256(url.encode()).hexdigest()[:16]
    return lock_folder() / f'{digest}.alerted'
