"""Migrations of a warehouse with data."""

from pathlib import Path

import pytest

from github_warehouse.warehouse import migrate as migrate_module
from github_warehouse.warehouse.connection import connect
from github_warehouse.warehouse.migrate import migrate, roll_back
from github_warehouse.warehouse.rebuild import drop_views
from github_warehouse.warehouse.view_files import built_views, view_names
from simulated import Runs
from support import warehouse_at
from tables import tables

MIGRATIONS = Path(__file__).parents[2] / 'migrations'


pytestmark = pytest.mark.usefixtures('each_schema')


def _fill(runs: Runs) -> None:
    for _ in range(3):
        runs.run()
        runs.world.advance()


def test_migrating_and_rebuilding_every_view_changes_no_row(
    runs: Runs,
) -> None:
    _fill(runs)
    before = tables(runs.url)
    views = view_names()
    answers = [runs.query(f'select count(*) from {view}') for view in views]
    runs.execute(f'drop view {", ".join(views)}')
    assert migrate(warehouse_at(runs.url)) == [f'rebuilt {len(views)} views']
    assert tables(runs.url) == before
    again = [runs.query(f'select count(*) from {view}') for view in views]
    assert again == answers


def test_recreating_the_run_log_loses_only_the_run_log(
    runs: Runs,
) -> None:
    _fill(runs)
    before = tables(runs.url)
    with (
        connect(warehouse_at(runs.url)) as connection,
        migrate_module._migration_lock(connection),
    ):
        backend = migrate_module._Backend(connection)
        found = backend.to_rollback(migrate_module._read_migrations())
        of_the_log = [each for each in found if each.id >= '0004']
        assert of_the_log[-1].id == '0004.pipeline_runs'
        with backend.transaction():
            drop_views(connection, built_views(connection))
            for migration in of_the_log:
                backend.rollback_one(migration)
    assert migrate(warehouse_at(runs.url))[0] == 'applied 0004.pipeline_runs'
    after = tables(runs.url)
    # the number of repositories in a total comes from a later migration
    for held in (before, after):
        held['company_daily'] = [row[:6] for row in held['company_daily']]
        # later metrics are lost with their migrations
        held['repo_snapshots'] = [row[:7] for row in held['repo_snapshots']]
        # which also schedules languages that may have been lost
        held['repos'] = [row[:-3] for row in held['repos']]
    assert after == before
    assert runs.query('select * from pipeline_runs') == []
    assert runs.run().unread == []


def test_a_full_rollback_and_migration_starts_empty(runs: Runs) -> None:
    _fill(runs)
    roll_back(warehouse_at(runs.url))
    migrate(warehouse_at(runs.url))
    assert not any(tables(runs.url).values())
    assert runs.run().unread == []


def test_every_rollback_documents_what_it_deletes() -> None:
    files = sorted(MIGRATIONS.glob('*.rollback.sql'))
    assert len(files) == len(list(MIGRATIONS.glob('*.sql'))) / 2
    for path in files:
        first, *rest = path.read_text('utf-8').splitlines()
        assert first.startswith('-- loses ') or 'drop table' not in str(rest)
