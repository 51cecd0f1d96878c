"""Settings, from the environment alone; checked before anything is done."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

from github_warehouse.environment import Reader, is_loopback
from github_warehouse.errors import SettingsError, UsageError
from github_warehouse.redact import keep_secret, looks_like_a_token

_SERVER_PARTS = (
    'WAREHOUSE_HOST',
    'WAREHOUSE_PORT',
    'WAREHOUSE_DB',
    'WAREHOUSE_USER',
    'WAREHOUSE_PASSWORD',
)
_LOGIN = re.compile(r'[A-Za-z0-9][A-Za-z0-9_-]{0,99}')


@dataclass(frozen=True)
class Settings:
    """What the environment asks for.

    Attributes:
        warehouse_url: PostgreSQL URL; None for the embedded server.
        warehouse_directory: where the embedded server keeps its data.
        migration_url: URL for migrations, a direct endpoint; None: the same.
        api_url: root of GitHub's REST API, without a trailing slash.
        tokens: GitHub tokens; empty when there is none.
        companies: logins that `ingest` tracks first.
        sweep_every_days: age in days of a company's last sweep at which all
            of its repositories are read again; 1 is every day.
        concurrency: requests to GitHub at a time, at most.
        max_wait_minutes: how long a run waits, at most, for a limit of
            GitHub's to end.
        run_max_minutes: how long a run reads GitHub, at most.
        retention_days: age in days beyond which snapshots are dropped.
        max_removed_percent: share of a company's repositories that one
            sweep may remove.
        log_format: console or json.
        log_level: info, or debug, which adds tracebacks.
        alert_webhook_url: what is told of what goes wrong; None: nothing.
    """

    warehouse_url: str | None = field(repr=False)
    warehouse_directory: Path
    migration_url: str | None = field(repr=False)
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
        """Name the host whose data this is, without its port."""
        return urlsplit(self.api_url).hostname or ''


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read and check every setting.

    Raises:
        SettingsError: one is empty, malformed, or one of several is missing.
    """
    read = Reader(environment)
    warehouse_url = _warehouse_url(read)
    directory = read.text('WAREHOUSE_DIR')
    if warehouse_url is None and directory is None and read.text('CI'):
        raise SettingsError(
            'CI is set and no warehouse is named: a forgotten secret must not '
            'write to a database that vanishes; set WAREHOUSE_URL, or '
            'WAREHOUSE_DIR for the embedded PostgreSQL'
        )
    migration_url = read.postgresql_url('WAREHOUSE_MIGRATION_URL')
    if warehouse_url is None and migration_url is not None:
        raise SettingsError(
            'WAREHOUSE_MIGRATION_URL is set and WAREHOUSE_URL is not: '
            'set both, or neither'
        )
    max_wait_minutes = read.integer('MAX_WAIT_MINUTES', 15, 0, 1440)
    return Settings(
        warehouse_url=warehouse_url,
        warehouse_directory=_warehouse_directory(directory or '.warehouse'),
        migration_url=migration_url,
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


@dataclass(frozen=True)
class MetabaseSettings:
    """Which Metabase the dashboards are published to.

    Attributes:
        url: its root, without a slash at the end.
        admin_email: its administrator's login.
        admin_password: of the same.
    """

    url: str
    admin_email: str
    admin_password: str = field(repr=False)


def read_metabase_settings(
    environment: Mapping[str, str] = os.environ,
) -> MetabaseSettings:
    """Read and check the settings of the dashboards.

    Raises:
        SettingsError: one is missing, empty or malformed.
    """
    read = Reader(environment)
    email = read.text('METABASE_ADMIN_EMAIL')
    password = read.text('METABASE_ADMIN_PASSWORD')
    if email is None or password is None:
        missing = (
            'METABASE_ADMIN_PASSWORD' if email else 'METABASE_ADMIN_EMAIL'
        )
        raise SettingsError(
            f'{missing} is not set: name the administrator of '
            'Metabase, who is made if there is none yet'
        )
    keep_secret(password)
    return MetabaseSettings(
        url=read.root_url(
            'METABASE_URL', 'http://127.0.0.1:3000', 'http://HOST:3000'
        ),
        admin_email=email,
        admin_password=password,
    )


def check_login(login: str) -> str:
    """Return the login, if it is one that GitHub could have given.

    Raises:
        UsageError: it is not.
    """
    if looks_like_a_token(login):
        raise UsageError(
            'what should be a GitHub login is a token: tokens belong in '
            'GITHUB_TOKEN; it was not sent anywhere'
        )
    if not _LOGIN.fullmatch(login):
        raise UsageError(
            f'{login!r} is not a GitHub login: name the account as in '
            'https://github.com/LOGIN, letters, digits and hyphens alone'
        )
    return login


def check_company(name: str) -> str:
    """Return a company's login, or LOGIN#ID, if it can be one.

    Raises:
        UsageError: it cannot.
    """
    check_login(re.sub('#[0-9]{1,19}$', '', name))
    return name


def _warehouse_url(read: Reader) -> str | None:
    url = read.postgresql_url('WAREHOUSE_URL')
    parts = {name: read.text(name) for name in _SERVER_PARTS}
    keep_secret(parts['WAREHOUSE_PASSWORD'])
    given = [name for name, value in parts.items() if value is not None]
    if url is not None:
        if given:
            raise SettingsError(
                f'WAREHOUSE_URL and {given[0]} are both set: unset one'
            )
        return url
    if not given:
        return None
    missing = [name for name in _SERVER_PARTS if name not in given]
    if missing:
        raise SettingsError(
            f'{", ".join(missing)} not set, though {given[0]} is: '
            'set all of WAREHOUSE_HOST, PORT, DB, USER, PASSWORD or none'
        )
    host, port, database, user, password = (
        quote(value or '', safe='') for value in parts.values()
    )
    read.integer('WAREHOUSE_PORT', 5432, 1, 65535)
    return f'postgresql://{user}:{password}@{host}:{port}/{database}'


def _warehouse_directory(path: str) -> Path:
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise SettingsError(
            f'WAREHOUSE_DIR is {path}, and there is no such home folder: '
            'set the full path'
        ) from error


def _api_url(read: Reader) -> str:
    """Read the root URL of GitHub's API; without TLS only on this machine.

    Even without a token: somebody in between could change the answers.
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
            'GITHUB_API_INSECURE=on if the network is your own'
        )
    return url


def _run_max_minutes(read: Reader, max_wait_minutes: int) -> int:
    """Read RUN_MAX_MINUTES, which must be more than MAX_WAIT_MINUTES."""
    default = max(360, max_wait_minutes + 60)
    minutes = read.integer('RUN_MAX_MINUTES', default, 1, 2880)
    if minutes <= max_wait_minutes:
        raise SettingsError(
            f'RUN_MAX_MINUTES is {minutes} and MAX_WAIT_MINUTES is '
            f'{max_wait_minutes}: a run must be allowed more than one wait; '
            'set RUN_MAX_MINUTES higher'
        )
    return minutes


def _tokens(read: Reader) -> tuple[str, ...]:
    """Read one token or several, separated by commas; each counts once."""
    tokens = [t.strip() for t in (read.text('GITHUB_TOKEN') or '').split(',')]
    if tokens == ['']:
        return ()
    if not all(re.fullmatch(r'[\x21-\x7e]+', token) for token in tokens):
        raise SettingsError(
            'GITHUB_TOKEN holds a space, a character that no token has, or '
            'a comma with nothing beside it: copy it again'
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
        raise SettingsError('COMPANIES names nobody: list logins, or unset it')
    return tuple(logins.values())
