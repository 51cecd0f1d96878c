"""Settings, read from the environment and checked before a command starts."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

from github_warehouse.environment import Reader, is_loopback
from github_warehouse.errors import SettingsError
from github_warehouse.logins import check_login
from github_warehouse.redact import keep_secret

DEFAULT_SCHEMA = 'public'

_SERVER_PARTS = (
    'WAREHOUSE_HOST',
    'WAREHOUSE_PORT',
    'WAREHOUSE_DB',
    'WAREHOUSE_USER',
    'WAREHOUSE_PASSWORD',
)


@dataclass(frozen=True)
class Settings:
    """All settings except those of Metabase.

    Attributes:
        warehouse_url: PostgreSQL URL; None for the embedded server.
        warehouse_directory: data directory of the embedded server.
        migration_url: PostgreSQL URL for migrations, which a pooler would
            break; None to use warehouse_url.
        schema: schema that holds all objects of the warehouse.
        readers: roles that `migrate` lets read the views and totals.
        api_url: root of GitHub's REST API, without a trailing slash.
        tokens: GitHub tokens, without duplicates; may be empty.
        companies: logins that `ingest` starts to track.
        sweep_every_days: age in days of a company's last sweep at which all
            of its repositories are read again; 1 sweeps every day.
        concurrency: maximum number of concurrent requests to GitHub.
        max_wait_minutes: maximum wait for a rate limit to end.
        run_max_minutes: maximum time that a run spends reading GitHub.
        retention_days: age in days beyond which snapshots are dropped.
        max_removed_percent: maximum share of a company's repositories that
            one sweep may remove.
        log_format: console or json.
        log_level: info, or debug, which adds tracebacks.
        alert_webhook_url: where alerts are sent; None to send none.
    """

    warehouse_url: str | None = field(repr=False)
    warehouse_directory: Path
    migration_url: str | None = field(repr=False)
    schema: str
    readers: tuple[str, ...]
    api_url: str
    tokens: tuple[str, ...] = field(repr=False)
    companies: tuple[str, ...]
    sweep_every_days: int
    concurrency: int
    max_wait_minutes: int
    run_max_minutes: int
    retention_days: int
    max_removed_percent: int
    log_format: str
    log_level: str
    alert_webhook_url: str | None = field(repr=False)

    @property
    def api_host(self) -> str:
        """The host name of the API, without the port."""
        return urlsplit(self.api_url).hostname or ''


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read and check every setting except those of Metabase.

    Raises:
        SettingsError: a setting is missing, empty or malformed, or two
            settings contradict each other.
    """
    read = Reader(environment)
    warehouse_url = _warehouse_url(read)
    max_wait_minutes = read.integer('MAX_WAIT_MINUTES', 15, 0, 1440)
    return Settings(
        warehouse_url=warehouse_url,
        warehouse_directory=_warehouse_directory(read, warehouse_url),
        migration_url=_migration_url(read, warehouse_url),
        schema=read_schema(read),
        readers=read.identifiers('WAREHOUSE_READERS', ('public', 'none')),
        api_url=_api_url(read),
        tokens=_tokens(read),
        companies=_companies(read),
        sweep_every_days=read.integer('SWEEP_EVERY_DAYS', 7, 1, 365),
        concurrency=read.integer('GITHUB_CONCURRENCY', 8, 1, 100),
        max_wait_minutes=max_wait_minutes,
        run_max_minutes=_run_max_minutes(read, max_wait_minutes),
        retention_days=read.integer('RETENTION_DAYS', 30, 2, 400),
        max_removed_percent=read.integer('MAX_REMOVED_PERCENT', 20, 0, 100),
        log_format=read.choice('LOG_FORMAT', ('console', 'json')),
        log_level=read.choice('LOG_LEVEL', ('info', 'debug')),
        alert_webhook_url=read.webhook_url('ALERT_WEBHOOK_URL'),
    )


def _warehouse_url(read: Reader) -> str | None:
    url = read.postgresql_url('WAREHOUSE_URL')
    parts = {name: read.text(name) for name in _SERVER_PARTS}
    keep_secret(parts['WAREHOUSE_PASSWORD'])
    given = [name for name, value in parts.items() if value is not None]
    if url is not None:
        if given:
            raise SettingsError(
                f'WAREHOUSE_URL and {given[0]} are both set: unset one of them'
            )
        return url
    if not given:
        return None
    missing = [name for name in _SERVER_PARTS if name not in given]
    if missing:
        raise SettingsError(
            f'{given[0]} is set but not {", ".join(missing)}: set all of '
            'WAREHOUSE_HOST, _PORT, _DB, _USER and _PASSWORD, or none'
        )
    host, port, database, user, password = (
        quote(value or '', safe='') for value in parts.values()
    )
    read.integer('WAREHOUSE_PORT', 5432, 1, 65535)
    return f'postgresql://{user}:{password}@{host}:{port}/{database}'


def _warehouse_directory(read: Reader, warehouse_url: str | None) -> Path:
    """Read WAREHOUSE_DIR; CI needs it, or a server.

    In CI the default directory disappears with the runner, so a forgotten
    secret would lose the data without an error.
    """
    path = read.text('WAREHOUSE_DIR')
    if warehouse_url is None and path is None and read.text('CI'):
        raise SettingsError(
            'CI is set, so WAREHOUSE_DIR has no default: set WAREHOUSE_URL or '
            'WAREHOUSE_DIR'
        )
    try:
        return Path(path or '.warehouse').expanduser()
    except RuntimeError as error:
        raise SettingsError(
            f'WAREHOUSE_DIR is {path}, but there is no such home directory: '
            'set the full path'
        ) from error


def _migration_url(read: Reader, warehouse_url: str | None) -> str | None:
    url = read.postgresql_url('WAREHOUSE_MIGRATION_URL')
    if warehouse_url is None and url is not None:
        raise SettingsError(
            'WAREHOUSE_MIGRATION_URL is set but WAREHOUSE_URL is not: '
            'set both, or neither'
        )
    return url


def read_schema(read: Reader) -> str:
    """Read WAREHOUSE_SCHEMA, public by default."""
    names = read.identifiers('WAREHOUSE_SCHEMA', ('information_schema',))
    if len(names) > 1:
        raise SettingsError(
            f'WAREHOUSE_SCHEMA names {len(names)} schemas: name one'
        )
    return names[0] if names else DEFAULT_SCHEMA


def _api_url(read: Reader) -> str:
    """Read the root URL of GitHub's API; plain HTTP only on this machine.

    This holds without a token too: others on the network could change the
    answers.
    """
    url = read.root_url(
        'GITHUB_API_URL',
        'https://api.github.com',
        'https://api.github.com or https://HOST/api/v3',
    )
    may_be_insecure = read.choice('GITHUB_API_INSECURE', ('off', 'on')) == 'on'
    parts = urlsplit(url)
    if (
        parts.scheme == 'http'
        and not may_be_insecure
        and not is_loopback(parts.hostname or '')
    ):
        raise SettingsError(
            'GITHUB_API_URL begins with http://, which would send the token '
            f'to {parts.hostname} in the clear: use https://, or set '
            'GITHUB_API_INSECURE=on if you trust the network'
        )
    return url


def _run_max_minutes(read: Reader, max_wait_minutes: int) -> int:
    """Read RUN_MAX_MINUTES, which must be greater than MAX_WAIT_MINUTES."""
    default = max(360, max_wait_minutes + 60)
    minutes = read.integer('RUN_MAX_MINUTES', default, 1, 2880)
    if minutes <= max_wait_minutes:
        raise SettingsError(
            f'RUN_MAX_MINUTES is {minutes} and MAX_WAIT_MINUTES is '
            f'{max_wait_minutes}: set RUN_MAX_MINUTES higher, because one '
            'wait must not use up the whole run'
        )
    return minutes


def _tokens(read: Reader) -> tuple[str, ...]:
    """Read comma-separated tokens, without duplicates."""
    tokens = [t.strip() for t in (read.text('GITHUB_TOKEN') or '').split(',')]
    if tokens == ['']:
        return ()
    if not all(re.fullmatch(r'[\x21-\x7e]+', token) for token in tokens):
        raise SettingsError(
            'GITHUB_TOKEN contains a space, an empty item between commas, or '
            'a character that no token has: copy it again'
        )
    for token in tokens:
        keep_secret(token)
    return tuple(dict.fromkeys(tokens))


def _companies(read: Reader) -> tuple[str, ...]:
    listed = read.text('COMPANIES')
    if listed is None:
        return ()
    logins = {
        check_login(login).lower(): login
        for login in re.split(r'[,\s]+', listed)
        if login
    }
    if not logins:
        raise SettingsError(
            'COMPANIES contains no login: add one, or unset it'
        )
    return tuple(logins.values())
