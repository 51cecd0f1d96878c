"""Values from GitHub reach the staging tables unchanged."""

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from github_warehouse.model import Account, RepoObservation
from github_warehouse.warehouse.connection import Connection
from github_warehouse.warehouse.spool import REPO_COLUMNS, Spool
from github_warehouse.warehouse.statements import read_sql

OBSERVATION = RepoObservation(
    repo_id=2**40,
    node_id=None,
    owner=Account(7, 'acme', 'Organization'),
    name='name',
    full_name='acme/name',
    language=None,
    created_at=datetime(2012, 1, 1, tzinfo=UTC),
    updated_at=None,
    pushed_at=None,
    is_fork=True,
    is_archived=False,
    license=None,
    metrics={'stars': 1, 'forks': 2, 'open_issues': 3},
    languages={"Cap'n Proto": 2**33, 'C\\++': 0},
)


@pytest.mark.parametrize(
    'name',
    ['a\tb', 'a\\nb', 'line\nbreak', '\\N', '\\.', '日本', 'x\0y', '\r\b\f\v'],
)
def test_special_characters_are_preserved(
    database: Connection, name: str
) -> None:
    with closing(Spool()) as spool, database.cursor() as cursor:
        spool.add(replace(OBSERVATION, name=name))
        cursor.execute(read_sql('stage'))
        for table, columns, file in (
            ('observed_repos', ', '.join(REPO_COLUMNS), spool.repos),
            (
                'read_languages',
                'reading, language_name, bytes',
                spool.languages,
            ),
        ):
            file.seek(0)
            cursor.copy_expert(f'copy {table} ({columns}) from stdin', file)
        cursor.execute('select repo_id, name, language from observed_repos')
        assert cursor.fetchall() == [(2**40, name.replace('\0', ''), None)]
        cursor.execute('select language_name, bytes from read_languages')
        assert cursor.fetchall() == [("Cap'n Proto", 2**33), ('C\\++', 0)]


def test_merged_parts_keep_the_order_of_observation() -> None:
    with closing(Spool()) as spool:
        first, second, failed = (spool.new_part() for _ in range(3))
        second.add(replace(OBSERVATION, repo_id=2))
        first.add(OBSERVATION)
        failed.add(replace(OBSERVATION, repo_id=3))
        failed.close()
        spool.take_over(first)
        spool.take_over(second)
        spool.repos.seek(0)
        rows = [row.split('\t')[:2] for row in spool.repos]
        ids = [repo_id for _, repo_id in sorted(rows, key=_number)]
        assert ids == ['2', str(2**40)]
        assert list(spool.repo_ids) == [2**40, 2]


def _number(row: list[str]) -> int:
    return int(row[0])
