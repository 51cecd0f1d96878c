"""Write docs/data-dictionary.md from the comments in the database.

`make dictionary` runs it. It migrates a temporary embedded warehouse and needs
no server.
"""

import tempfile
from itertools import groupby
from pathlib import Path

from github_warehouse.config import read_settings
from github_warehouse.warehouse.connection import (
    Connection,
    connect,
    open_warehouse,
    transaction,
)
from github_warehouse.warehouse.migrate import migrate
from github_warehouse.warehouse.view_files import contract_names, view_names

DICTIONARY = Path(__file__).parents[1] / 'docs' / 'data-dictionary.md'

_INTRODUCTION = """\
# Data dictionary

Made by `make dictionary` from the comments in the database, which are written
in `migrations` (tables) and in `src/github_warehouse/warehouse`, folders
`contracts` and `views`; do not edit it. The question that each view answers,
and its caveats, are at the top of its file. A day is a UTC day. [Contract
relations](contract-relations.md) are what to build on: upgrades never drop
them, and only add columns.
"""

# Tables with their columns; neither partitions nor yoyo's own tables.
_COLUMNS = """
    select
        tables.relname,
        obj_description(tables.oid, 'pg_class'),
        pg_get_partkeydef(tables.oid),
        columns.attname,
        format_type(columns.atttypid, columns.atttypmod),
        not columns.attnotnull,
        col_description(tables.oid, columns.attnum),
        columns.attnum = any (coalesce(keys.conkey, '{}')),
        (
            select referenced.relname
            from pg_constraint as references_
            inner join pg_class as referenced
                on referenced.oid = references_.confrelid
            where
                references_.conrelid = tables.oid
                and references_.contype = 'f'
                and references_.conkey = array[columns.attnum]
        )
    from pg_class as tables
    inner join pg_attribute as columns
        on columns.attrelid = tables.oid
        and columns.attnum > 0
        and not columns.attisdropped
    left join pg_constraint as keys
        on keys.conrelid = tables.oid
        and keys.contype = 'p'
    where
        tables.relnamespace = current_schema()::regnamespace
        and tables.relkind = any (%s)
        and not tables.relispartition
        and tables.relname not like '%%yoyo%%'
    order by
        tables.relname collate "C",
        columns.attnum
"""

Row = tuple[str, str, str, str, str, bool, str, bool, str]


def render(connection: Connection) -> str:
    """Return the dictionary of a migrated warehouse, in Markdown."""
    parts = [_INTRODUCTION]
    for title, chosen, kinds in (
        ('Contract relations', contract_names(), ['v']),
        ('Tables', None, ['r', 'p']),
        ('Views', view_names(), ['v']),
    ):
        parts.append(f'## {title}\n')
        with transaction(connection) as cursor:
            cursor.execute(_COLUMNS, (kinds,))
            rows: list[Row] = cursor.fetchall()
        for name, columns in groupby(rows, key=lambda row: row[0]):
            if chosen is None or name in chosen:
                parts.append(_section(name, list(columns), chosen is None))
    return '\n'.join(parts)


def _section(name: str, columns: list[Row], is_table: bool) -> str:
    _, comment, partitions, *_ = columns[0]
    key = ', '.join(f'`{column[3]}`' for column in columns if column[7])
    about = [comment or '']
    if key:
        about.append(f'Key: {key}.')
    if partitions:
        about.append(f'Partitioned by `{partitions.lower()}`.')
    head = ['column', 'type', 'nullable', 'meaning']
    lines = [_line(column) for column in columns]
    if not is_table:
        for line in (head, *lines):
            del line[2]
    table = [head, ['---'] * len(head), *lines]
    return '\n'.join(
        [f'### {name}', '', ' '.join(about), '']
        + ['| ' + ' | '.join(cells) + ' |' for cells in table]
        + ['']
    )


def _line(column: Row) -> list[str]:
    *_, name, of_type, is_nullable, comment, _, referenced = column
    meaning = [comment.replace('|', '\\|')] if comment else []
    if referenced:
        meaning.append(f'Foreign key to [`{referenced}`](#{referenced}).')
    return [
        f'`{name}`',
        of_type,
        'yes' if is_nullable else 'no',
        ' '.join(meaning),
    ]


def main() -> None:
    """Write the dictionary of the migrations and views that are here."""
    with tempfile.TemporaryDirectory(prefix='data-dictionary-') as directory:
        settings = read_settings({'WAREHOUSE_DIR': directory})
        with open_warehouse(settings) as warehouse:
            migrate(warehouse)
            with connect(warehouse) as connection:
                text = render(connection)
    DICTIONARY.write_text(text, encoding='utf-8')
    print(f'{DICTIONARY.name} is written')


if __name__ == '__main__':
    main()
