"""The settings of the dashboards, from the environment alone."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from github_warehouse.environment import Reader
from github_warehouse.errors import SettingsError
from github_warehouse.redact import keep_secret


@dataclass(frozen=True)
class MetabaseSettings:
    """The Metabase that the dashboards are published to.

    Attributes:
        url: root URL, without a trailing slash.
        admin_email: login of its administrator.
        admin_password: password of its administrator.
    """

    url: str
    admin_email: str
    admin_password: str = field(repr=False)


def read_metabase_settings(
    environment: Mapping[str, str] = os.environ,
) -> MetabaseSettings:
    """Read and check the settings of Metabase.

    Raises:
        SettingsError: a setting is missing, empty or malformed.
    """
    read = Reader(environment)
    email = read.text('METABASE_ADMIN_EMAIL')
    password = read.text('METABASE_ADMIN_PASSWORD')
    if email is None or password is None:
        missing = (
            'METABASE_ADMIN_PASSWORD' if email else 'METABASE_ADMIN_EMAIL'
        )
        raise SettingsError(
            f'{missing} is not set: set the email and password of the '
            'Metabase administrator, which is created if there is none'
        )
    keep_secret(password)
    return MetabaseSettings(
        url=read.root_url(
            'METABASE_URL', 'http://127.0.0.1:3000', 'http://HOST:3000'
        ),
        admin_email=email,
        admin_password=password,
    )
