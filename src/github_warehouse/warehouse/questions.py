"""Query the warehouse: SQL, exports of views, and psql."""

import difflib
import shutil
from collections.abc import Iterator
from typing import Any, BinaryIO

import psycopg2.extras
import psycopg2.sql

from github_warehouse.config import DEFAULT_SCHEMA, Settings
from github_warehouse.errors import SettingsError, UsageError
from github_warehouse.printable import printable
from github_warehouse.warehouse.connection import (
    Connection,
    Warehouse,
    transaction,
)
from github_warehouse.warehouse.server_urls import connection_parameters
from github_warehouse.warehouse.statements import read_sql
from github_warehouse.warehouse.view_files import ROLLUPS, view_names

_TLS_MODES = ('require', 'verify-ca', 'verify-full')
# Text that a spreadsheet evaluates as a formula: it begins with one of these
# signs, full-width or not, possibly after white space that the spreadsheet
# trims; or it begins with a tab or a line break. White space is listed
# because `\s` depends on the server's locale.
_FORMULA = (
    r'^(?:[\t\n\r]|[\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160'
    r'\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f'
    r'\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]*'
    r'[=+@\uff1d\uff0b\uff0d\uff20-])'
)
# The characters that `printable` escapes, except tabs and line feeds. CSV has
# no escape sequences.
_UNPRINTABLE = (
    r'[\u0001-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]'
)
_ENVIRONMENT = {
    'host': 'PGHOST',
    'hostaddr': 'PGHOSTADDR',
    'port': 'PGPORT',
    'dbname': 'PGDATABASE',
    'user': 'PGUSER',
    'password': 'PGPASSWORD',
    'passfile': 'PGPASSFILE',
    'options': 'PGOPTIONS',
    'sslmode': 'PGSSLMODE',
    'sslrootcert': 'PGSSLROOTCERT',
    'sslcert': 'PGSSLCERT',
    'sslkey': 'PGSSLKEY',
    'channel_binding': 'PGCHANNELBINDING',
    'connect_timeout': 'PGCONNECT_TIMEOUT',
    'target_session_attrs': 'PGTARGETSESSIONATTRS',
}


def ask(connection: Connection, question: str) -> list[dict[str, Any]]:
    """Run a query and return each row as a dict, keyed by column name."""
    with transaction(connection) as cursor:
        cursor.execute(question)
        names = [column.name for column in cursor.description or ()]
        return [
            dict(zip(names, row, strict=True)) for row in cursor.fetchall()
        ]


def exportable() -> list[str]:
    """Return the names of all views and rollups."""
    return [*view_names(), *ROLLUPS]


def check_view(name: str) -> None:
    """Check that a view or rollup of this name exists.

    Raises:
        UsageError: there is none.
    """
    names = exportable()
    if name not in names:
        matches = difflib.get_close_matches(name, names, 1)
        raise UsageError(
            f'there is no view {name}: '
            + (
                f'did you mean {matches[0]}?'
                if matches
                else f'choose one of {", ".join(names)}'
            )
        )


def export_csv(connection: Connection, view: str, file: BinaryIO) -> None:
    """Stream a view as CSV with a header row, in UTF-8.

    Text that a spreadsheet would evaluate as a formula is prefixed with an
    apostrophe: https://owasp.org/www-community/attacks/CSV_Injection
    Control characters and bidirectional marks become question marks.
    """
    with transaction(connection) as cursor:
        cursor.execute(read_sql('view_columns'), (view,))
        columns = [
            _escape_formula(name) if is_text else psycopg2.sql.Identifier(name)
            for name, is_text in cursor.fetchall()
        ]
        statement = psycopg2.sql.SQL(
            'copy (select {} from {}) to stdout'
            ' with (format csv, header, encoding {})'
        ).format(
            psycopg2.sql.SQL(', ').join(columns),
            psycopg2.sql.Identifier(view),
            psycopg2.sql.Literal('UTF8'),
        )
        cursor.copy_expert(statement, file)


def export_json(connection: Connection, view: str) -> Iterator[str]:
    """Stream a view as JSON objects, one per row."""
    with transaction(connection), connection.cursor('export') as cursor:
        cursor.execute(
            psycopg2.sql.SQL(
                'select row_to_json(exported)::text from {} as exported'
            ).format(psycopg2.sql.Identifier(view))
        )
        for (line,) in cursor:
            yield printable(line)


def find_psql(settings: Settings) -> str:
    """Return the path of psql: from PATH, or from the `embedded` extra.

    The embedded server always uses the psql of its own wheel, which has the
    same version. That psql was built without TLS.

    Raises:
        SettingsError: there is no psql, or the URL requires TLS and the only
            psql has none.
    """
    url = settings.warehouse_url
    if url is not None:
        found = shutil.which('psql')
        if found is not None:
            return found
        sslmode = connection_parameters(url).get('sslmode')
        if sslmode in _TLS_MODES:
            raise SettingsError(
                f'sslmode={sslmode} needs a psql with TLS, and none is '
                'installed: install the PostgreSQL client'
            )
    from github_warehouse.warehouse.embedded import psql_path

    try:
        return psql_path()
    except SettingsError as error:
        if url is None:
            raise
        raise SettingsError(
            'psql is not installed: install the PostgreSQL client, or '
            'pip install "github-warehouse[embedded]"'
        ) from error


def psql_environment(warehouse: Warehouse) -> dict[str, str]:
    """Return the environment variables that psql needs to connect.

    A URL on the command line would show the password to every user. A schema
    other than `public` becomes the search path. Some poolers refuse that, so
    it needs the direct endpoint.
    """
    is_default = warehouse.schema == DEFAULT_SCHEMA
    url = warehouse.url if is_default else warehouse.migration_url
    parameters = connection_parameters(url)
    if not is_default:
        given = parameters.get('options', '')
        path = f'-c search_path={warehouse.schema}'
        parameters['options'] = f'{given} {path}'.lstrip()
    return {
        _ENVIRONMENT[name]: value
        for name, value in parameters.items()
        if name in _ENVIRONMENT
    }


def _escape_formula(column: str) -> psycopg2.sql.Composable:
    return psycopg2.sql.SQL(
        "case when {column} ~ {formula} then '''' else '' end"
        " || regexp_replace({column}, {unprintable}, '?', 'g')"
        ' as {column}'
    ).format(
        column=psycopg2.sql.Identifier(column),
        formula=psycopg2.sql.Literal(_FORMULA),
        unprintable=psycopg2.sql.Literal(_UNPRINTABLE),
    )
