"""The tables have the columns of the declared metrics."""

from contextlib import closing

from github_warehouse.metrics import METRICS
from github_warehouse.warehouse import migrate as migrate_module
from github_warehouse.warehouse.connection import connect
from github_warehouse.warehouse.schema import prepare_schema
from github_warehouse.warehouse.statements import column_type
from support import open_database, warehouse_at

_OTHERS = {
    'repo_snapshots': {
        'repo_id',
        'snapshot_date',
        'company_id',
        'observed_on',
    },
    'company_daily': {
        'company_id',
        'snapshot_date',
        'repos',
        'repos_languages_read',
    },
}
_COLUMNS = """
    select
        table_name,
        column_name,
        data_type || case when is_nullable = 'NO' then ' not null' else '' end
    from information_schema.columns
    where table_schema = current_schema() and table_name = any(%s)
"""
_CHECKS = """
    select conname from pg_constraint
    where conrelid = 'repo_snapshots'::regclass and contype = 'c'
"""


def _apply_migrations(url: str) -> None:
    """Create only the tables: views need the columns of all metrics."""
    with (
        connect(warehouse_at(url)) as connection,
        migrate_module._migration_lock(connection),
    ):
        prepare_schema(connection, migrate_module.MIGRATIONS)
        backend = migrate_module._Backend(connection)
        pending = backend.to_apply(migrate_module._read_migrations())
        with backend.transaction():
            for migration in pending:
                backend.apply_one(migration)


def _declared() -> dict[tuple[str, str], tuple[str, str]]:
    """Return type and definition of every column, by table and name."""
    columns = {}
    for metric in METRICS:
        name, of_type = metric.name, column_type(metric)
        check = f' constraint repo_snapshots_{name}_count check ({name} >= 0)'
        columns['repo_snapshots', name] = (
            of_type,
            of_type + (check if metric.kind == 'count' else ''),
        )
        if metric.is_summed:
            of_total = of_type.replace('integer', 'bigint')
            columns['company_daily', name] = (of_total, of_total)
    return columns


def test_every_metric_has_its_columns(empty_url: str) -> None:
    """A failure prints what the next migration must do."""
    _apply_migrations(empty_url)
    with closing(open_database(empty_url)) as connection:
        with closing(connection.cursor()) as cursor:
            cursor.execute(_COLUMNS, (list(_OTHERS),))
            held = {
                (table, column): of_type
                for table, column, of_type in cursor
                if column not in _OTHERS[table]
            }
            cursor.execute(_CHECKS)
            checks = {name for (name,) in cursor}
    declared = _declared()
    missing = [
        f'alter table {table} add column {column} {definition};'
        for (table, column), (_, definition) in declared.items()
        if (table, column) not in held
    ]
    undone = [
        f'alter table {table} drop column {column};'
        for table, column in declared
        if (table, column) not in held
    ]
    advice = ('write the next migration: `make db-migration`, then', *missing)
    rollback = ('and in its rollback', *undone)
    assert not missing, '\n'.join((*advice, *rollback))
    types = {key: of_type for key, (of_type, _) in declared.items()}
    assert held == types, 'columns that differ from github_warehouse.metrics'
    counts = {
        f'repo_snapshots_{metric.name}_count'
        for metric in METRICS
        if metric.kind == 'count'
    }
    assert counts <= checks, 'checks that keep counts from being negative'


def test_the_column_comments_match_the_declaration(warehouse_url: str) -> None:
    with closing(open_database(warehouse_url)) as connection:
        with closing(connection.cursor()) as cursor:
            cursor.execute(
                'select attrelid::regclass::text, attname,'
                ' col_description(attrelid, attnum) from pg_attribute'
                ' where attrelid = any(%s::regclass[])',
                (list(_OTHERS),),
            )
            comments = {row[:2]: row[2] for row in cursor}
    for metric in METRICS:
        key = 'repo_snapshots', metric.name
        assert comments[key] == metric.comment
        if metric.is_summed:
            key = 'company_daily', metric.name
            assert comments[key] == metric.total_comment
