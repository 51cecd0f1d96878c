"""Fixtures for tests of views: insert rows, read a view."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from psycopg2.sql import SQL, Identifier, Literal, Placeholder

from github_warehouse.warehouse.connection import Connection

Row = tuple[Any, ...]
View = Callable[[str], list[Row]]


def day(number: int) -> date:
    """Return a day of March 2026."""
    return date(2026, 3, number)


class Given:
    """Inserts rows into an empty warehouse, with defaults of 0 or null."""

    def __init__(self, database: Connection) -> None:
        self._database = database

    def company(
        self, company_id: int, company_name: str, is_tracked: bool = True
    ) -> None:
        self._insert(
            'companies',
            company_id=company_id,
            company_name=company_name,
            account_type='Organization',
            is_tracked=is_tracked,
        )

    def repo(
        self, repo_id: int, company_id: int, name: str, **columns: Any
    ) -> None:
        self._insert(
            'repos',
            **{
                'id': repo_id,
                'company_id': company_id,
                'name': name,
                'full_name': f'{company_id}/{name}',
                'is_fork': False,
                'is_archived': False,
                'tracked_from': day(1),
                **columns,
            },
        )

    def snapshot(
        self,
        repo_id: int,
        company_id: int,
        snapshot_date: date,
        stars: int = 0,
        forks: int = 0,
        open_issues: int = 0,
        observed_on: date | None = None,
        **metrics: Any,
    ) -> None:
        self._partition('repo_snapshots', snapshot_date)
        # a day with snapshots has totals
        self.company_day(company_id, snapshot_date)
        self._insert(
            'repo_snapshots',
            repo_id=repo_id,
            company_id=company_id,
            snapshot_date=snapshot_date,
            stars=stars,
            forks=forks,
            open_issues=open_issues,
            observed_on=observed_on or snapshot_date,
            **metrics,
        )

    def languages(
        self, repo_id: int, snapshot_date: date, sizes: dict[str, int]
    ) -> None:
        """Insert a repository's languages on a day, with their bytes."""
        self._partition('language_snapshots', snapshot_date)
        for language_name, size in sizes.items():
            self._insert(
                'language_snapshots',
                repo_id=repo_id,
                snapshot_date=snapshot_date,
                language_id=self._language(language_name),
                bytes=size,
            )

    def company_day(
        self, company_id: int, snapshot_date: date, **totals: int
    ) -> None:
        """Insert or replace a company's totals of a day."""
        with self._database.cursor() as cursor:
            cursor.execute(
                'delete from company_daily'
                ' where company_id = %s and snapshot_date = %s',
                (company_id, snapshot_date),
            )
        self._insert(
            'company_daily',
            **{
                'company_id': company_id,
                'snapshot_date': snapshot_date,
                'repos': 0,
                'stars': 0,
                'forks': 0,
                'open_issues': 0,
                **totals,
            },
        )

    def company_languages(
        self,
        company_id: int,
        snapshot_date: date,
        sizes: dict[str, int],
        repos: int = 1,
    ) -> None:
        """Insert a company's languages on a day, with their bytes."""
        for language_name, size in sizes.items():
            self._insert(
                'company_language_daily',
                company_id=company_id,
                snapshot_date=snapshot_date,
                language_id=self._language(language_name),
                repos=repos,
                bytes=size,
            )

    def state(
        self,
        company_id: int,
        last_run: datetime | None,
        last_sweep: datetime | None = None,
    ) -> None:
        self._insert(
            'ingestion_state',
            source=f'login {company_id}',
            company_id=company_id,
            last_run=last_run,
            last_sweep=last_sweep,
        )

    def run(self, **columns: Any) -> None:
        self._insert('pipeline_runs', **columns)

    def _language(self, language_name: str) -> int:
        with self._database.cursor() as cursor:
            cursor.execute(
                'insert into languages (language_name) values (%s)'
                ' on conflict (language_name) do update'
                ' set language_name = excluded.language_name'
                ' returning language_id',
                (language_name,),
            )
            ((language_id,),) = cursor.fetchall()
        return int(language_id)

    def _partition(self, table: str, first: date) -> None:
        statement = SQL(
            'create table if not exists {} partition of {}'
            ' for values from ({}) to ({})'
        ).format(
            Identifier(f'{table}_{first:%Y%m%d}'),
            Identifier(table),
            Literal(first),
            Literal(first + timedelta(days=1)),
        )
        with self._database.cursor() as cursor:
            cursor.execute(statement)

    def _insert(self, table: str, **columns: Any) -> None:
        statement = SQL('insert into {} ({}) values ({})').format(
            Identifier(table),
            SQL(', ').join(map(Identifier, columns)),
            SQL(', ').join(map(Placeholder, columns)),
        )
        with self._database.cursor() as cursor:
            cursor.execute(statement, columns)


@pytest.fixture
def given(database: Connection) -> Given:
    return Given(database)


@pytest.fixture
def view(database: Connection) -> View:
    """A function that returns the rows of a view, sorted, nulls first."""

    def rows_of(name: str) -> list[Row]:
        with database.cursor() as cursor:
            cursor.execute(SQL('select * from {}').format(Identifier(name)))
            rows = cursor.fetchall()
        return sorted((_plain(row) for row in rows), key=_nulls_first)

    return rows_of


def _plain(row: Row) -> Row:
    return tuple(
        float(value) if isinstance(value, Decimal) else value for value in row
    )


def _nulls_first(row: Row) -> list[Row]:
    return [(value is not None, value) for value in row]
