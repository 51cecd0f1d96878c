"""Read and check single settings from the environment."""

import ipaddress
import re
from collections.abc import Mapping
from urllib.parse import SplitResult, unquote, unquote_to_bytes, urlsplit

from urllib3.util import parse_url

from github_warehouse.errors import SettingsError
from github_warehouse.redact import keep_secret, redact


def is_loopback(host: str) -> bool:
    """Return whether a host is a loopback name or address of this machine.

    Names below `localhost` are not: some resolvers ask a name server.
    """
    if host.removesuffix('.').lower() == 'localhost':
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Reader:
    """Reads single settings from an environment.

    Every method raises SettingsError when the setting is set but empty, or
    malformed. Methods without a default return None for a setting that is
    not set.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment

    def text(self, name: str) -> str | None:
        """Read a setting, without leading and trailing white space."""
        value = self.environment.get(name)
        if value is None:
            return None
        if not value.strip():
            raise SettingsError(
                f'{name} is set but empty: set a value, or unset it'
            )
        return value.strip()

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        """Read a whole number from low to high, both included."""
        value = self.text(name)
        if value is None:
            return default
        if not re.fullmatch('-?[0-9]{1,9}', value):
            raise SettingsError(
                f'{name} must be a whole number: it is {redact(value)!r:.40}'
            )
        if not low <= int(value) <= high:
            raise SettingsError(
                f'{name} must be {low} to {high}: it is {value}'
            )
        return int(value)

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        """Read one of several words; the first is the default."""
        value = self.text(name) or choices[0]
        if value not in choices:
            raise SettingsError(
                f'{name} must be {" or ".join(choices)}: it is {value!r}'
            )
        return value

    def identifiers(
        self, name: str, reserved: tuple[str, ...]
    ) -> tuple[str, ...]:
        """Read comma-separated names of PostgreSQL, without duplicates.

        They are names that PostgreSQL reads without quotation marks.
        https://www.postgresql.org/docs/current/sql-syntax-lexical.html

        Args:
            name: name of the setting.
            reserved: names that PostgreSQL keeps for itself, like those that
                begin with pg_.
        """
        text = self.text(name)
        values = [] if text is None else [v.strip() for v in text.split(',')]
        for value in values:
            if not re.fullmatch('[a-z_][a-z0-9_]{0,62}', value):
                raise SettingsError(
                    f'{name} contains {redact(value)!r:.80}: a name must be 1 '
                    'to 63 lower-case letters, digits and underscores, and '
                    'not begin with a digit'
                )
            if value in reserved or value.startswith('pg_'):
                raise SettingsError(
                    f'{name} contains {value}, which is reserved by '
                    'PostgreSQL: use another name'
                )
        return tuple(dict.fromkeys(values))

    def webhook_url(self, name: str) -> str | None:
        """Read the URL of a webhook, and register it as a secret."""
        url = self.text(name)
        if url is None:
            return None
        keep_secret(url)
        try:
            _split_http(url)
        except ValueError as error:
            raise SettingsError(
                f'{name} must be a URL such as https://HOST/PATH'
            ) from error
        return url

    def postgresql_url(self, name: str) -> str | None:
        """Read a PostgreSQL URL, and register its passwords as secrets."""
        url = self.text(name)
        if url is None:
            return None
        _keep_passwords(url)
        try:
            parts = urlsplit(url)
            well_formed = bool(parts.port or True) and parts.scheme in (
                'postgresql',
                'postgres',
            )
        except ValueError:
            well_formed = False
        # Part of a password with an unescaped character would be parsed as a
        # host or a path, which messages show.
        well_formed = (
            well_formed
            and parts.path not in ('', '/')
            and not parts.fragment
            and parts.netloc.count('@') <= 1
            and '@' not in parts.path
            and not re.search('%(?![0-9A-Fa-f]{2})|%00', url)
            and _is_text(unquote_to_bytes(url))
        )
        if not well_formed:
            raise SettingsError(
                f'{name} is not a PostgreSQL URL: write '
                'postgresql://USER:PASSWORD@HOST:PORT/DATABASE, and escape '
                '@ : / ? # % in the password as %40 %3A %2F %3F %23 %25'
            )
        return url

    def root_url(self, name: str, default: str, example: str) -> str:
        """Read the root URL of an API, without a trailing slash."""
        url = self.text(name) or default
        try:
            parts = _split_http(url)
        except ValueError:
            parts = urlsplit('')
        if (
            not parts.hostname
            or parts.username is not None
            or parts.query
            or parts.fragment
        ):
            raise SettingsError(
                f'{name} must be the root URL of an API: write {example}'
            )
        return url.rstrip('/')


def _split_http(url: str) -> SplitResult:
    """Split an http or https URL, if every client reads the same host in it.

    urllib3, which connects, reads `http://a\\.b` as the host `a`.

    Raises:
        ValueError: it is malformed, or clients may disagree about its host.
    """
    parts = urlsplit(url)
    host = parts.hostname or ''
    # Python looks up the encoded name: labels have 1 to 63 characters
    host.encode('idna')
    if (
        parts.scheme not in ('http', 'https')
        or not host
        or parts.port == 0
        or '\\' in url
        or (parse_url(url).host or '').strip('[]') != host
    ):
        raise ValueError
    return parts


def _keep_passwords(url: str) -> None:
    """Register the passwords in a URL as secrets, as written and decoded."""
    for password in (
        *re.findall('^[a-z]+://[^:/?#@]*:([^/?#]*)@', url),
        *re.findall('[?&](?:ssl)?password=([^&]*)', url),
    ):
        keep_secret(password)
        keep_secret(unquote(password))


def _is_text(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True
