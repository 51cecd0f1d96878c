"""Upgrades keep what others build on contract relations and views."""

from contextlib import closing
from pathlib import Path

import pytest

from github_warehouse.errors import DatabaseError, UsageError
from github_warehouse.warehouse.migrate import migrate, roll_back
from github_warehouse.warehouse.statements import read_sql
from github_warehouse.warehouse.view_files import contract_names, view_names
from source_copy import (
    add_migration,
    copy_source,
    declare_metrics,
    edit,
    migrate_with,
)
from support import execute, open_database, outdate, schema, warehouse_at

pytestmark = pytest.mark.usefixtures('each_schema')
RELEASED = Path(__file__).parents[1] / 'releases'
ALL_COLUMNS = """
    select attrelid::regclass::text, attname,
        format_type(atttypid, atttypmod)
    from pg_attribute
    inner join pg_class on pg_class.oid = pg_attribute.attrelid
    where relkind = 'v' and attnum > 0
        and relnamespace = current_schema()::regnamespace
    order by attrelid::regclass::text collate "C", attnum
"""
EXTRA = [
    f'alter table {table} add column {name} {of_type};'
    for table, name, of_type in (
        ('repo_snapshots', 'extra_size', 'integer'),
        ('repo_snapshots', 'extra_watchers', 'integer'),
        ('repo_snapshots', 'extra_flag', 'boolean'),
        ('company_daily', 'extra_size', 'bigint'),
        ('company_daily', 'extra_watchers', 'bigint'),
    )
]

Rows = list[tuple[object, ...]]


def _rows(url: str, query: str) -> Rows:
    with closing(open_database(url)) as connection:
        with closing(connection.cursor()) as cursor:
            cursor.execute(query)
            return cursor.fetchall()


def _columns(url: str) -> dict[str, list[str]]:
    columns: dict[str, list[str]] = {}
    for name, column, _ in _rows(url, ALL_COLUMNS):
        columns.setdefault(str(name), []).append(str(column))
    return columns


def _build_on(url: str, names: list[str]) -> None:
    """Create a schema with a view on each of the relations."""
    execute(url, 'create schema analytics')
    for name in names:
        execute(url, f'create view analytics.{name} as select * from {name}')


def _read(url: str, names: list[str]) -> dict[str, Rows]:
    """Return the rows of the views on the relations, in a stable order."""
    return {
        name: sorted(_rows(url, f'select * from analytics.{name}'), key=str)
        for name in names
    }


@pytest.fixture
def released_url(empty_url: str) -> str:
    """A warehouse of version 0.1 with three days of two companies."""
    execute(empty_url, f'create schema if not exists {schema()}')
    dump = (RELEASED / '0.1.sql').read_text('utf-8')
    execute(empty_url, dump.replace('public.', f'{schema()}.'))
    return empty_url


def test_views_on_views_of_the_last_release_stay(released_url: str) -> None:
    _build_on(released_url, view_names())
    before = _read(released_url, view_names())
    done = migrate(warehouse_at(released_url))
    assert done[0].startswith('applied 0009.')
    assert _read(released_url, view_names()) == before
    assert all(before.values())
    assert migrate(warehouse_at(released_url)) == []


def test_an_upgraded_warehouse_has_the_views_of_a_new_one(
    released_url: str, warehouse_url: str
) -> None:
    migrate(warehouse_at(released_url))
    assert _rows(released_url, ALL_COLUMNS) == _rows(
        warehouse_url, ALL_COLUMNS
    )


def test_new_metrics_come_last_and_views_of_others_stay(
    released_url: str, tmp_path: Path
) -> None:
    names = [*contract_names(), *view_names()]
    migrate(warehouse_at(released_url))
    _build_on(released_url, names)
    before, columns = _read(released_url, names), _columns(released_url)
    tree = copy_source(tmp_path)
    declare_metrics(tree)
    add_migration(tree, EXTRA)
    done = migrate_with(tree, released_url)
    assert done.returncode == 0, done.stderr
    assert _read(released_url, names) == before
    assert all(before.values())
    after = _columns(released_url)
    added = {
        name: after[name][len(columns[name]) :]
        for name in after
        if after[name] != columns[name]
    }
    assert [after[name][: len(columns[name])] for name in names] == [
        columns[name] for name in names
    ]
    totals = ['extra_size', 'extra_watchers']
    assert added == {
        'repository_days': [*totals, 'extra_flag'],
        'company_days': totals,
        'companies_current': totals,
        'current_repo_metrics': [*totals, 'extra_flag'],
        'company_total_stars': [f'total_{name}' for name in totals],
    }
    assert migrate_with(tree, released_url).stdout.endswith('up to date\n')
    # and once more, from columns that are not in the order of the file
    outdate(released_url, *names)
    done = migrate_with(tree, released_url)
    assert done.stdout.endswith(f'rebuilt {len(names)} views\n'), done.stderr
    assert _columns(released_url) == after


def test_a_view_that_must_be_dropped_names_all_that_depend_on_it(
    warehouse_url: str, tmp_path: Path
) -> None:
    execute(
        warehouse_url,
        """
        create schema analytics;
        create view analytics.growth as
            select repo_id, star_growth from repo_daily_growth;
        create materialized view analytics.stored as
            select * from analytics.growth;
        create unique index stored_repo_id on analytics.stored (repo_id);
        create function analytics.grown() returns bigint
            begin atomic select sum(star_growth) from repo_daily_growth; end;
        create function analytics.rows_of() returns setof repo_daily_growth
            language sql as 'select * from repo_daily_growth';
        create table analytics.notes (repo_id bigint);
        create policy known on analytics.notes
            using (repo_id in (select repo_id from repo_daily_growth));
        create rule refused as on insert to analytics.notes
            where new.repo_id not in (select repo_id from repo_daily_growth)
            do instead nothing;
        create function analytics.refuse() returns trigger
            language plpgsql as 'begin return null; end';
        create trigger refuse instead of insert on repo_daily_growth
            for each row execute function analytics.refuse();
        create view analytics.others as select * from trending_repos;
        """,
    )
    tree = copy_source(tmp_path)
    edit(tree, 'views/repo_daily_growth.sql', 'star_growth', 'stars_gained')
    before = _rows(warehouse_url, ALL_COLUMNS)
    done = migrate_with(tree, warehouse_url)
    assert (done.returncode, _rows(warehouse_url, ALL_COLUMNS)) == (1, before)
    view = 'depends on view repo_daily_growth'
    assert done.stderr.splitlines()[-1] == (
        'github-warehouse: nothing was changed, because views must be dropped '
        'that other objects depend on:'
        f' function analytics.grown() {view};'
        ' function analytics.rows_of() depends on type repo_daily_growth;'
        ' materialized view analytics.stored depends on view'
        ' analytics.growth;'
        f' policy known on table analytics.notes {view};'
        f' rule refused on table analytics.notes {view};'
        f' trigger refuse on view repo_daily_growth {view};'
        f' view analytics.growth {view};'
        ' drop these objects, migrate, then create them again, best on '
        'contract relations (docs/contract-relations.md)'
    )
    execute(
        warehouse_url,
        'drop trigger refuse on repo_daily_growth;'
        ' drop view analytics.others; drop schema analytics cascade',
    )
    done = migrate_with(tree, warehouse_url)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (
        0,
        'rebuilt 1 view',
    )


@pytest.mark.parametrize(
    ('new', 'lost'),
    [
        ('', 'the column points'),
        ('pipeline_runs.points::bigint as points,', 'the type of a column'),
    ],
)
def test_a_contract_relation_never_loses_a_column(
    warehouse_url: str, tmp_path: Path, new: str, lost: str
) -> None:
    tree = copy_source(tmp_path)
    edit(tree, 'contracts/runs.sql', 'pipeline_runs.points,', new)
    before = _rows(warehouse_url, ALL_COLUMNS)
    done = migrate_with(tree, warehouse_url)
    assert done.returncode == 1
    assert f'nothing was changed, because runs would lose {lost}: ' in (
        done.stderr
    )
    assert _rows(warehouse_url, ALL_COLUMNS) == before


def test_an_earlier_version_keeps_contract_relations_that_it_lacks(
    warehouse_url: str, tmp_path: Path
) -> None:
    before = _rows(warehouse_url, ALL_COLUMNS)
    tree = copy_source(tmp_path)
    contract = tree / 'github_warehouse/warehouse/contracts/runs.sql'
    contract.unlink()
    outdate(warehouse_url, 'trending_repos')
    done = migrate_with(tree, warehouse_url)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (
        0,
        'rebuilt 1 view',
    )
    assert _rows(warehouse_url, ALL_COLUMNS) == before
    assert migrate(warehouse_at(warehouse_url)) == []


def test_a_relation_of_somebody_else_is_not_replaced(
    released_url: str,
) -> None:
    execute(released_url, "create view runs as select 'mine' as owner")
    execute(released_url, 'create table repositories (name text)')
    execute(released_url, "create type company_days as enum ('theirs')")
    with pytest.raises(
        UsageError, match='has company_days, repositories, runs of another'
    ):
        migrate(warehouse_at(released_url))
    assert _rows(released_url, 'select * from runs') == [('mine',)]


def test_a_rollback_is_refused_if_others_depend_on_a_contract_relation(
    warehouse_url: str,
) -> None:
    _build_on(warehouse_url, ['runs'])
    with pytest.raises(
        DatabaseError, match='view analytics.runs depends on view runs'
    ):
        roll_back(warehouse_at(warehouse_url))
    assert migrate(warehouse_at(warehouse_url)) == []


def test_no_view_or_contract_relation_of_ours_reads_another(
    warehouse_url: str,
) -> None:
    with closing(open_database(warehouse_url)) as connection:
        with closing(connection.cursor()) as cursor:
            cursor.execute(
                read_sql('dependent_objects'),
                {'views': [*view_names(), *contract_names()]},
            )
            assert cursor.fetchall() == []


def test_the_documented_view_can_be_created(warehouse_url: str) -> None:
    page = RELEASED.parents[1] / 'docs' / 'contract-relations.md'
    statement = page.read_text('utf-8').split('```sql')[1].split('```')[0]
    execute(warehouse_url, 'create schema analytics')
    execute(warehouse_url, statement.replace('github.', f'{schema()}.'))
    assert _rows(warehouse_url, 'select * from analytics.stars_by_month') == []


def test_contract_relations_have_every_released_column(
    warehouse_url: str,
) -> None:
    """A release adds its new columns to the list, which never loses a line."""
    listed = (RELEASED / 'contract_columns.txt').read_text('utf-8')
    released = {tuple(line.split(maxsplit=2)) for line in listed.splitlines()}
    actual = {
        row
        for row in _rows(warehouse_url, ALL_COLUMNS)
        if row[0] in contract_names()
    }
    assert released - actual == set(), 'columns that a release had'
    assert actual - released == set(), 'columns to list'
