"""The views and contract relations: names, files, and who may read them."""

import json
import re
from collections.abc import Sequence
from contextlib import closing
from graphlib import TopologicalSorter
from hashlib import sha256
from pathlib import Path

from github_warehouse.warehouse.connection import Connection
from github_warehouse.warehouse.statements import CONTRACTS, VIEWS, render

ROLLUPS = ('company_daily', 'company_language_daily')
# The digests are recorded in the properties that these folders name.
FOLDERS = (VIEWS, CONTRACTS)


def view_names() -> list[str]:
    """Return the names of all views of this version."""
    return sorted(path.stem for path in VIEWS.glob('*.sql'))


def contract_names() -> list[str]:
    """Return the names of all contract relations of this version."""
    return sorted(path.stem for path in CONTRACTS.glob('*.sql'))


def digest(path: Path) -> str:
    """Return the digest of the SQL of a view or contract relation."""
    return sha256(render(path).encode()).hexdigest()


def built_views(
    connection: Connection, folders: Sequence[Path] = FOLDERS
) -> dict[str, str]:
    """Return the views and contract relations that a migration created.

    Args:
        connection: connection to the warehouse.
        folders: only those that come from these folders.

    Returns:
        The digest of the SQL that each was created from, by name.
    """
    with closing(connection.cursor()) as cursor:
        cursor.execute('select to_regclass(%s)', ('warehouse_properties',))
        if cursor.fetchone() == (None,):
            return {}
        cursor.execute(
            'select property_value from warehouse_properties'
            ' where property_name = any (%s)',
            ([folder.name for folder in folders],),
        )
        recorded: dict[str, str] = {}
        for (digests,) in cursor.fetchall():
            recorded |= json.loads(digests)
        cursor.execute(
            'select viewname from pg_views'
            ' where schemaname = current_schema()'
        )
        existing = {name for name, in cursor.fetchall()}
        return {
            name: digest
            for name, digest in recorded.items()
            if name in existing
        }


def outdated_views(connection: Connection) -> tuple[list[Path], set[str]]:
    """Return what a migration must rebuild, and what it must drop.

    Returns:
        The files of new and changed views and contract relations, and the
        names of views that have no file any more. A contract relation
        without a file comes from a later version, and stays.
    """
    built = built_views(connection)
    files = sorted_files()
    gone = built_views(connection, [VIEWS]).keys() - {
        path.stem for path in files
    }
    return [p for p in files if built.get(p.stem) != digest(p)], gone


def readable() -> list[str]:
    """Return the names of the relations that readers may read."""
    return [*view_names(), *contract_names(), *ROLLUPS]


def sorted_files() -> list[Path]:
    """Return the files of all views, each after those that it reads."""
    files = {
        path.stem: path
        for folder in FOLDERS
        for path in sorted(folder.glob('*.sql'))
    }
    reads = {
        name: set(re.findall(r'(?:from|join) (\w+)', render(path)))
        & files.keys() - {name}
        for name, path in files.items()
    }
    return [files[name] for name in TopologicalSorter(reads).static_order()]
