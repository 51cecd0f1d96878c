"""Tracking and untracking during a run and after it."""

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from github_simulator import faults
from github_warehouse.ingest import ingest
from github_warehouse.run_result import RunOptions
from github_warehouse.warehouse.connection import lock_name
from github_warehouse.warehouse.migrate import MIGRATIONS
from simulated import Runs, once, serve
from support import open_database, warehouse_at

_OPEN = """
    select companies.company_name, count(*)
    from repos
    inner join companies using (company_id)
    where repos.removed_on is null
    group by companies.company_name
    order by companies.company_name
"""
_DAYS = """
    select snapshot_date, count(*)
    from repo_snapshots
    inner join companies using (company_id)
    where company_name = %s
    group by snapshot_date
    order by snapshot_date
"""


def test_a_company_untracked_during_a_run_is_not_written(runs: Runs) -> None:
    runs.run()
    first = runs.world.today
    ((held,),) = runs.query(
        "select count(*) from repos where full_name like 'acme/%%'"
    )
    runs.next_day()
    result = runs.run(meanwhile=lambda: runs.untrack('acme'))
    assert [f.account.login for f in result.companies] == ['ada']
    assert result.unread == []
    assert runs.query(_DAYS, ('acme',)) == [(first, held)]
    assert [name for name, _ in runs.query(_OPEN)] == ['ada']
    assert runs.query(
        'select last_run, last_sweep from ingestion_state'
        " where source = 'acme'"
    ) == [(None, None)]
    assert runs.query(
        'select count(*) from company_daily inner join companies'
        " using (company_id) where company_name = 'acme'"
    ) == [(1,)]
    assert runs.audit() == []


def test_a_company_tracked_again_after_it_was_untracked_during_a_run_is_swept(
    warehouse_url: str,
) -> None:
    """The company is read incrementally: it has 310 repositories."""
    with serve('acme:310,ada:4:user', warehouse_url) as runs:
        settings = runs.settings
        runs.run()
        runs.next_day()
        runs.run(meanwhile=lambda: runs.untrack('acme'))
        runs.next_day()
        runs.run('ada')
        runs.next_day(2)
        runs.settings = settings
        runs.track('acme')
        result = runs.run()
        assert {f.account.login: f.mode for f in result.companies} == {
            'acme': 'sweep',
            'ada': 'sweep',
        }
        assert runs.audit() == []
        runs.next_day()
        assert runs.run().unread == []


@pytest.mark.parametrize('size', [24, 310])
def test_a_company_untracked_and_tracked_during_one_run_starts_over(
    warehouse_url: str, size: int
) -> None:
    with serve(f'acme:{size},ada:4:user', warehouse_url) as runs:
        runs.run()
        runs.next_day()

        def again() -> None:
            runs.untrack('acme')
            runs.track('acme')

        runs.run(meanwhile=again)
        assert runs.audit() == []
        runs.next_day()
        result = runs.run()
        assert result.unread == []
        public = sum(r.is_public for r in runs.world.repositories.values())
        assert result.written.snapshots_fresh == public
        assert [f.mode for f in result.companies] == ['sweep', 'sweep']
        assert runs.audit() == []


def test_a_repository_moved_to_a_company_untracked_meanwhile_is_removed(
    runs: Runs,
) -> None:
    runs.run()
    moved = next(
        r.id
        for r in runs.world.owned_by(runs.company_id('acme'))
        if r.is_public
    )
    first = runs.world.today
    runs.next_day()
    runs.world.transfer(moved, runs.company_id('ada'))
    runs.run(meanwhile=lambda: runs.untrack('ada'))
    assert runs.query(
        'select removed_on from repos where id = %s', (moved,)
    ) == [(runs.world.today,)]
    assert runs.query(
        'select snapshot_date from repo_snapshots where repo_id = %s', (moved,)
    ) == [(first,)]
    assert runs.audit() == []


def test_untracking_waits_for_the_write_of_a_run(
    runs: Runs,
) -> None:
    runs.run()
    blocker = open_database(runs.url)
    with blocker.cursor() as cursor:
        cursor.execute(
            'select pg_advisory_xact_lock(hashtext(%s))',
            (lock_name(blocker, 'ingest'),),
        )
    untracking = threading.Thread(target=lambda: runs.untrack('acme'))
    untracking.start()
    untracking.join(0.5)
    assert untracking.is_alive()
    blocker.close()
    untracking.join(30)
    assert [name for name, _ in runs.query(_OPEN)] == ['ada']


def test_migrating_closes_an_open_period_of_an_earlier_version(
    runs: Runs,
) -> None:
    """Untracking during a run once left such a period."""
    runs.run()
    first: date = runs.world.today
    runs.next_day()
    runs.run(meanwhile=lambda: runs.untrack('acme'))
    with open_database(runs.url) as connection:
        with connection.cursor() as cursor:
            cursor.execute(
                'update repos set removed_on = null;'
                'update ingestion_state'
                ' set last_run = now(), last_sweep = now()'
                " where source = 'acme'"
            )
            cursor.execute(_repairs())
    connection.close()
    assert runs.query(
        'select distinct company_name, removed_on - %s from repos'
        ' inner join companies using (company_id) order by 1',
        (first,),
    ) == [('acme', 1), ('ada', None)]
    assert runs.query(
        'select source from ingestion_state where last_run is null'
    ) == [('acme',)]


def _repairs() -> str:
    """Return the statements of the migration that repair tracking periods."""
    text = (MIGRATIONS / '0009.tracking_repairs.sql').read_text('utf-8')
    return text.partition('-- of two companies')[0]


def test_a_total_is_deleted_with_its_last_snapshot(runs: Runs) -> None:
    runs.run()
    for repository in runs.world.owned_by(runs.company_id('ada')):
        runs.world.transfer(repository.id, runs.company_id('acme'))
    runs.untrack('ada')
    runs.settings = replace(runs.settings, companies=('acme',))
    runs.run()
    assert runs.query(
        'select company_name from company_daily'
        ' inner join companies using (company_id)'
    ) == [('acme',)]
    runs.run()
    runs.next_day()
    assert runs.run().unread == []
    assert runs.audit() == []


def test_a_total_of_a_company_never_read_whole_is_deleted_too(
    runs: Runs,
) -> None:
    hidden = faults.graphql_error(
        'FORBIDDEN',
        'hidden',
        'repositoryOwner',
        'repositories',
        'nodes',
        0,
        text='"ada"',
    )
    runs.simulator.faults.add(hidden)
    assert [f.status for f in runs.run().unread] == ['incomplete']
    runs.simulator.faults.clear()
    for repository in runs.world.owned_by(runs.company_id('ada')):
        runs.world.transfer(repository.id, runs.company_id('acme'))
    runs.simulator.faults.add(faults.server_error(500, text='"ada"'))
    assert [f.status for f in runs.run().unread] == ['failed']
    assert runs.query(
        'select company_name from company_daily'
        ' inner join companies using (company_id)'
    ) == [('acme',)]
    assert [w for w in runs.audit() if not w.startswith('languages')] == []


def test_a_company_read_after_midnight_misses_no_repository(
    runs: Runs,
) -> None:
    """A failed lookup in the next sweep ends no tracking period."""
    midnight = datetime(2026, 3, 2, tzinfo=UTC)
    before = midnight - timedelta(seconds=1)
    runs.clock.advance((before - runs.clock.now()).total_seconds())
    ingest(
        warehouse_at(runs.url),
        runs.settings,
        RunOptions(),
        once(lambda: runs.clock.advance(2)),
        runs.clock,
    )
    assert runs.query('select last_run, last_sweep from ingestion_state') == [
        (before, before),
        (before, before),
    ]
    hidden = next(
        r.id
        for r in runs.world.owned_by(runs.company_id('acme'))
        if r.is_public
    )
    runs.world.vanish(hidden)
    runs.simulator.faults.add(faults.server_error(500, text='nodes\\('))
    runs.run(day=date(2026, 3, 2))
    assert runs.query(
        'select removed_on from repos where id = %s', (hidden,)
    ) == [(None,)]
