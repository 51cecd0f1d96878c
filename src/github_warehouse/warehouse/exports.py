"""Export relations as CSV or JSON lines, streaming."""

import difflib
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

import psycopg2.sql

from github_warehouse.errors import UsageError
from github_warehouse.model import Account, Company
from github_warehouse.printable import printable
from github_warehouse.warehouse.connection import (
    Connection,
    Cursor,
    transaction,
)
from github_warehouse.warehouse.statements import read_sql
from github_warehouse.warehouse.view_files import (
    ROLLUPS,
    contract_names,
    view_names,
)

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


@dataclass(frozen=True)
class Selection:
    """The rows to export.

    Attributes:
        relation: a contract relation, a view or a table of daily totals.
        since: first UTC day; None: from the earliest.
        until: last UTC day; None: to the latest.
        company: rows of this company only; None: of all.
    """

    relation: str
    since: date | None = None
    until: date | None = None
    company: Account | None = None


def exportable() -> list[str]:
    """Return the names of all contract relations, views and rollups."""
    return [*contract_names(), *view_names(), *ROLLUPS]


def check_relation(name: str) -> None:
    """Check that a relation of this name can be exported.

    Raises:
        UsageError: it cannot.
    """
    names = exportable()
    if name not in names:
        matches = difflib.get_close_matches(name, names)
        raise UsageError(
            f'{name} cannot be exported: '
            + (
                f'did you mean {" or ".join(matches)}?'
                if matches
                else f'choose one of {", ".join(names)}'
            )
        )


def exported_companies(connection: Connection) -> list[Company]:
    """List all companies, from the contract relation that readers may read."""
    with transaction(connection) as cursor:
        cursor.execute(
            'select company_id, company_name, account_type,'
            ' tracked_login, is_tracked from companies_current'
        )
        return [
            Company(Account(company_id, login, kind), tracked or login, flag)
            for company_id, login, kind, tracked, flag in cursor
        ]


def export_csv(
    connection: Connection, selection: Selection, file: BinaryIO
) -> None:
    """Stream rows as CSV with a header row, in UTF-8.

    Text that a spreadsheet would evaluate as a formula is prefixed with an
    apostrophe: https://owasp.org/www-community/attacks/CSV_Injection
    Control characters and bidirectional marks become question marks.

    Raises:
        UsageError: the relation has no column to select the rows by.
        OSError: the file cannot be written.
    """
    with transaction(connection) as cursor:
        columns = _columns(cursor, selection)
        statement = psycopg2.sql.SQL(
            'copy (select {} from {} where {}) to stdout'
            ' with (format csv, header, encoding {})'
        ).format(
            psycopg2.sql.SQL(', ').join(
                (
                    _escape_formula(name)
                    if is_text
                    else psycopg2.sql.Identifier(name)
                )
                for name, is_text in columns.items()
            ),
            psycopg2.sql.Identifier(selection.relation),
            _condition(selection, columns),
            psycopg2.sql.Literal('UTF8'),
        )
        try:
            cursor.copy_expert(statement, file)
        except OSError:
            # a rollback would first read the remaining rows
            connection.cancel()
            raise


def export_json(
    connection: Connection, selection: Selection, file: BinaryIO
) -> None:
    """Stream rows as JSON objects, one per line, in UTF-8.

    Raises:
        UsageError: the relation has no column to select the rows by.
        OSError: the file cannot be written.
    """
    with transaction(connection) as cursor:
        condition = _condition(selection, _columns(cursor, selection))
        with connection.cursor('export') as rows:
            rows.execute(
                psycopg2.sql.SQL(
                    'select row_to_json(exported)::text from {} as exported'
                    ' where {}'
                ).format(
                    psycopg2.sql.Identifier(selection.relation), condition
                )
            )
            for (line,) in rows:
                file.write(f'{printable(line)}\n'.encode())


def _columns(cursor: Cursor, selection: Selection) -> dict[str, bool]:
    """Return the columns of a relation, and whether each one is text.

    Raises:
        UsageError: it has no column to select the rows by.
    """
    cursor.execute(read_sql('view_columns'), (selection.relation,))
    columns: dict[str, bool] = dict(cursor.fetchall())
    days = selection.since or selection.until
    if days is not None and 'snapshot_date' not in columns:
        raise UsageError(
            f'--since and --until do not work with {selection.relation}: it '
            'has no column snapshot_date'
        )
    if selection.company and not columns.keys() & {
        'company_id',
        'company_name',
    }:
        raise UsageError(
            f'--company does not work with {selection.relation}: it has no '
            'column company_name'
        )
    return columns


def _condition(
    selection: Selection, columns: dict[str, bool]
) -> psycopg2.sql.Composable:
    compared: list[tuple[str, str, object]] = []
    if selection.since is not None:
        compared.append(('snapshot_date', '>=', selection.since))
    if selection.until is not None:
        compared.append(('snapshot_date', '<=', selection.until))
    if selection.company is not None:
        account = selection.company
        compared.append(
            ('company_id', '=', account.account_id)
            if 'company_id' in columns
            else ('company_name', '=', account.login)
        )
    return psycopg2.sql.SQL(' and ').join(
        [
            psycopg2.sql.SQL('true'),
            *(
                psycopg2.sql.SQL('{} {} {}').format(
                    psycopg2.sql.Identifier(column),
                    psycopg2.sql.SQL(operator),
                    psycopg2.sql.Literal(value),
                )
                for column, operator, value in compared
            ),
        ]
    )


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
