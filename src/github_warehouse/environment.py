"""Single settings, read from the environment and checked."""

import ipaddress
import re
from collections.abc import Mapping
from urllib.parse import unquote, unquote_to_bytes, urlsplit

from github_warehouse.errors import SettingsError
from github_warehouse.redact import keep_secret, redact


def is_loopback(host: str) -> bool:
    """Tell whether a host is a loopback name or address of this machine.

    So is every name below `localhost`: https://www.rfc-editor.org/rfc/rfc6761
    """
    name = host.removesuffix('.').lower()
    if name == 'localhost' or name.endswith('.localhost'):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Reader:
    """Reads single settings; one that is set but empty is a mistake."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment

    def text(self, name: str) -> str | None:
        """Read a setting; None where it is not set."""
        value = self.environment.get(name)
        if value is None:
            return None
        if not value.strip():
            raise SettingsError(
                f'{name} is set but empty: give it a value or unset it'
            )
        return value.strip()

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        """Read a whole number, from low to high."""
        value = self.text(name)
        if value is None:
            return default
        if not re.fullmatch('[0-9]{1,9}', value):
            raise SettingsError(
                f'{name} is {redact(value)!r:.40}, no whole number'
            )
        if not low <= int(value) <= high:
            raise SettingsError(f'{name} is {value}, not {low} to {high}')
        return int(value)

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        """Read one of several words; the first is the default."""
        value = self.text(name) or choices[0]
        if value not in choices:
            raise SettingsError(
                f'{name} is {value!r}: choose {" or ".join(choices)}'
            )
        return value

    def webhook_url(self, name: str) -> str | None:
        """Read an address that takes messages; it is a secret."""
        url = self.text(name)
        if url is None:
            return None
        keep_secret(url)
        try:
            parts = urlsplit(url)
            well_formed = bool(parts.hostname) and parts.port != 0
        except ValueError:
            well_formed = False
        if not well_formed or parts.scheme not in ('http', 'https'):
            raise SettingsError(
                f'{name} is not an address: write https://HOST/PATH'
            )
        return url

    def postgresql_url(self, name: str) -> str | None:
        """Read the URL of a database; None where it is not set."""
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
        # A password with such a character would be taken for a host or a path,
        # and be shown.
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
                'postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with each of '
                '@ : / ? # % in the password as %40 %3A %2F %3F %23 %25'
            )
        return url

    def root_url(self, name: str, default: str, example: str) -> str:
        """Read the root of an API, without a slash at its end."""
        url = self.text(name) or default
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            parts, port = urlsplit(''), None
        if (
            parts.scheme not in ('http', 'https')
            or not parts.hostname
            or parts.username is not None
            or parts.query
            or parts.fragment
            or port == 0
        ):
            raise SettingsError(
                f'{name} is not the root of an API: write {example}'
            )
        return url.rstrip('/')


def _keep_passwords(url: str) -> None:
    """Remember the passwords in a URL, as written and decoded."""
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
