"""Warehouses of any size, generated in SQL."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import psycopg2.sql

from github_warehouse.warehouse.audit import audit_stored
from github_warehouse.warehouse.connection import (
    Connection,
    Cursor,
    transaction,
)

FIRST_DAY = date(2026, 1, 1)
_SQL = (Path(__file__).parent / 'synthetic.sql').read_text('utf-8')


@dataclass(frozen=True)
class Scale:
    """Size of a warehouse.

    Attributes:
        repositories: number of repositories.
        companies: number of companies that own them.
        days: number of days of history, UTC; the last one is `last_day`.
        changed: number of repositories that a daily run observes.
        samples: number of measurements.
    """

    repositories: int
    companies: int
    days: int
    changed: int
    samples: int

    @property
    def last_day(self) -> date:
        """The newest day of history."""
        return FIRST_DAY + timedelta(days=self.days - 1)

    def __str__(self) -> str:
        return f'{self.repositories:,} x {self.days} days'


SCALES = {
    13_000: Scale(13_000, 20, 30, 400, 5),
    100_000: Scale(100_000, 100, 30, 3_000, 3),
    1_000_000: Scale(1_000_000, 500, 5, 30_000, 2),
}


def fill(connection: Connection, scale: Scale) -> None:
    """Fill an empty, migrated warehouse."""
    with transaction(connection) as cursor:
        cursor.execute(_SQL, {**vars(scale), 'first_day': FIRST_DAY})
        for number in range(scale.days):
            _fill_day(cursor, number)
        cursor.execute(_ROLLUPS)
        cursor.execute(
            'insert into warehouse_properties values (%s, %s)',
            ('api_host', '127.0.0.1'),
        )
        cursor.execute('analyze')
    # retention keeps exactly these days
    findings = audit_stored(connection, scale.days)
    assert not findings, findings


def _fill_day(cursor: Cursor, number: int) -> None:
    day = FIRST_DAY + timedelta(days=number)
    for table, key, rows in (
        ('repo_snapshots', 'repo_id, snapshot_date', _COUNTERS),
        ('language_snapshots', 'repo_id, snapshot_date, language_id', _SIZES),
    ):
        names = {
            'table': psycopg2.sql.Identifier(table),
            'partition': psycopg2.sql.Identifier(f'{table}_{day:%Y%m%d}'),
            'key': psycopg2.sql.SQL(key),
        }
        cursor.execute(
            psycopg2.sql.SQL(_DAY.replace('{rows}', rows)).format(**names),
            {'day': day, 'number': number},
        )


_DAY = """
create table {partition}
(like {table} including defaults including constraints);
insert into {partition} {rows};
alter table {partition} add primary key ({key});
alter table {table} attach partition {partition}
for values from (%(day)s) to (%(day)s + 1);
"""
_COUNTERS = """
select
    repo_id, %(day)s, company_id, stars + gain * %(number)s, forks,
    open_issues, %(day)s - (repo_id %% least(7, %(number)s + 1))::integer
from bench.counters
"""
_SIZES = 'select repo_id, %(day)s, language_id, bytes from bench.sizes'
_ROLLUPS = """
insert into company_daily
select
    company_id, snapshot_date, count(*), sum(stars), sum(forks),
    sum(open_issues)
from repo_snapshots group by company_id, snapshot_date;
insert into company_language_daily
select company_id, snapshot_date, language_id, repositories, bytes
from (
    select company_id, language_id, count(*) as repositories,
        sum(bytes) as bytes
    from bench.sizes inner join bench.counters using (repo_id)
    group by company_id, language_id
) as totals
cross join (select distinct snapshot_date from company_daily) as days;
"""
