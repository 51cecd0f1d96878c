"""Migrations that repair damage by earlier versions."""

from datetime import timedelta

from github_simulator.limits import HourlyLimits
from github_warehouse.warehouse.migrate import MIGRATIONS
from simulated import Runs, serve

_TEXT = (MIGRATIONS / '0009.tracking_repairs.sql').read_text('utf-8')


def _repair(runs: Runs, begins: str) -> None:
    """Run the migration statement whose comment starts with this text."""
    _, found, rest = _TEXT.partition(f'-- {begins}')
    assert found
    runs.execute(f'-- {rest.partition(";")[0]}')


def test_a_gap_in_a_tracking_period_ends_the_period_before_it(
    runs: Runs,
) -> None:
    first = runs.world.today
    for _ in range(4):
        runs.run()
        runs.next_day()
    ((repo_id,),) = runs.query('select min(repo_id) from language_snapshots')
    for table in ('language_snapshots', 'repo_snapshots'):
        runs.execute(
            f'delete from {table} where repo_id = %s and snapshot_date = %s',
            (repo_id, first + timedelta(days=1)),
        )
    _repair(runs, 'begin an open tracking period')
    assert runs.query(
        'select tracked_from - %s, count(*), max(id) = %s from repos'
        ' group by 1 order by 1 desc',
        (first, repo_id),
    )[0] == (2, 1, True)
    assert [f for f in runs.audit() if f.startswith('missing')] == []


def test_a_company_read_after_midnight_gets_the_day_of_its_snapshots(
    runs: Runs,
) -> None:
    runs.run()
    day = runs.world.today
    runs.execute(
        'update ingestion_state set last_sweep = %s,'
        " last_run = case when source = 'acme' then %s::timestamptz end",
        (f'{day + timedelta(days=1)} 00:05Z',) * 2,
    )
    _repair(runs, 'a company read after midnight')
    end = f'{day} 23:59:59+00'
    assert runs.query(
        'select source, last_run = %s, last_sweep = %s from ingestion_state'
        ' order by source',
        (end, end),
    ) == [('acme', True, True), ('ada', None, True)]


def test_languages_that_may_have_been_lost_are_read_again(runs: Runs) -> None:
    runs.run()
    ((repo_id,),) = runs.query('select min(repo_id) from language_snapshots')
    runs.execute(
        'delete from language_snapshots where repo_id = %s', (repo_id,)
    )
    _repair(runs, 'languages may have been lost')
    unread = runs.query(
        'select id from repos where languages_observed_at is null'
    )
    held = runs.query('select distinct repo_id from language_snapshots')
    assert (repo_id,) in unread
    assert set(unread).isdisjoint(held)
    runs.next_day()
    runs.run()
    assert (repo_id,) in runs.query(
        'select repo_id from language_snapshots where snapshot_date = %s',
        (runs.world.today,),
    )


def test_stored_days_get_the_count_of_languages_read(
    warehouse_url: str,
) -> None:
    """First without a token, then with one: the growth is from reading."""
    with serve(
        'acme:320', warehouse_url, hourly_limits=HourlyLimits(anonymous=60)
    ) as runs:
        runs.run(tokens=())
        runs.next_day()
        runs.run()
        counts = (
            'select snapshot_date, repos, repos_languages_read'
            ' from company_daily order by 1'
        )
        (_, repos, before), (_, _, after) = runs.query(counts)
        assert before < 60 and after == repos
        runs.execute('update company_daily set repos_languages_read = null')
        _repair(runs, 'days that are kept')
        (_, _, first), (_, _, second) = runs.query(counts)
        # repositories that still have no languages count as read
        assert before <= first < 0.99 * repos and second == repos
