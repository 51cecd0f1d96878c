"""Alerts while no table can remember them: a file does.

The warehouse is unreachable, cannot be opened, or the settings cannot be read.
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
    """Send, once, that no warehouse could be opened.

    The settings may be unreadable, except the webhook's URL.
    """
    try:
        url = Reader(os.environ).webhook_url('ALERT_WEBHOOK_URL')
    except SettingsError:
        return
    if url is not None:
        with log_unsent_alerts():
            send_outage(url, _mark(url), TITLE, f'a run failed: {error}')


def alert_opened(settings: Settings) -> None:
    """Send, once, that a warehouse can be opened again."""
    url = settings.alert_webhook_url
    if url is not None:
        with log_unsent_alerts():
            resolve_outage(url, _mark(url), TITLE)


def send_outage(url: str, mark: Path, title: str, message: str) -> None:
    """Send a message unless the file `mark` says that it was sent."""
    if mark.exists():
        return
    send_to_webhook(url, title, [message])
    make_private(mark.parent)
    mark.write_text(redact(message), encoding='utf-8')


def resolve_outage(url: str, mark: Path, title: str) -> None:
    """Send that the outage in the file `mark` is over; delete the file."""
    if mark.exists():
        message = mark.read_text('utf-8') or 'the warehouse was away'
        send_to_webhook(url, title, [f'resolved: {message}'])
        mark.unlink(missing_ok=True)


@contextmanager
def log_unsent_alerts() -> Iterator[None]:
    """Log an alert that cannot be sent; it does not fail the run."""
    try:
        yield
    except (AlertError, OSError) as error:
        structlog.get_logger().warning('not alerted', reason=str(error))


def _mark(url: str) -> Path:
    digest = sha256(url.encode()).hexdigest()[:16]
    return lock_folder() / f'{digest}.alerted'
