"""A wrong clock is refused before it does damage, and repaired after."""

import json
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from cli.conftest import Command, command
from github_simulator import (
    Simulator,
    World,
    faults,
    parse_accounts,
)
from github_warehouse.config import read_settings
from github_warehouse.errors import ClockError, UnreachableError
from github_warehouse.ingest import ingest
from github_warehouse.run_result import RunOptions, RunResult
from simulated import Runs
from support import SimulatedClock, execute, open_database, warehouse_at

__all__ = ['command']

_FACTS = """
    select snapshot_date, count(*) from repo_snapshots group by 1
    union all
    select snapshot_date, sum(repos) from company_daily group by 1
    order by 1
"""
_REPAIR = Path(__file__).parents[2] / 'docs' / 'forget_future_days.sql'


def _ingest(runs: Runs) -> RunResult:
    """Ingest with this machine's clock; GitHub uses the clock of the runs."""
    clock = SimulatedClock()
    clock.set_to_now()
    return ingest(
        warehouse_at(runs.url), runs.settings, RunOptions(), clock=clock
    )


@pytest.mark.parametrize('ahead', [timedelta(days=43), -timedelta(days=2)])
def test_a_run_with_a_wrong_clock_writes_nothing(
    runs: Runs, ahead: timedelta
) -> None:
    runs.clock.set_to_now()
    runs.clock.advance(-ahead.total_seconds())
    with pytest.raises(ClockError, match='the clock of this machine is wrong'):
        _ingest(runs)
    assert runs.query(_FACTS) == []
    ((status, started_at),) = runs.query(
        'select status, started_at from pipeline_runs'
    )
    # the run log has the time of GitHub's clock
    assert status == 'failed'
    assert abs(started_at - runs.clock.now()) < timedelta(minutes=1)


@pytest.mark.parametrize('minutes', [-59, 0, 59])
def test_a_clock_that_differs_by_less_than_an_hour_is_accepted(
    runs: Runs, minutes: int
) -> None:
    runs.clock.set_to_now()
    runs.clock.advance(60 * minutes)
    assert _ingest(runs).unread == []


def test_one_response_with_a_wrong_date_stops_no_run(
    warehouse_url: str,
) -> None:
    """Among the responses of a run, one agrees with the clock."""
    world = World.generate(parse_accounts('acme:12,ada:3:user'))
    dates = iter([0.0, 4e9])
    with Simulator(world, clock=lambda: next(dates, time.time())) as simulator:
        result = ingest(
            warehouse_at(warehouse_url),
            read_settings(
                {
                    'WAREHOUSE_URL': warehouse_url,
                    'GITHUB_API_URL': simulator.url,
                    'GITHUB_TOKEN': 'simulated-token',
                    'COMPANIES': 'acme,ada',
                }
            ),
            RunOptions(),
        )
    assert result.unread == []


@pytest.mark.parametrize(
    'said',
    [
        'Fri, 31 Dec 9999 23:59:59 -1200',
        'Fri, 31 Dec 9999 23:59:59 GMT',
    ],
)
def test_dates_that_cannot_be_calculated_with_are_ignored(
    runs: Runs, said: str
) -> None:
    """In every answer; one without a usable date is accepted."""
    runs.clock.set_to_now()
    runs.simulator.faults.add(faults.Fault(headers={'Date': said}))
    assert _ingest(runs).unread == []


def test_nothing_is_written_if_the_clocks_cannot_be_compared(
    runs: Runs,
) -> None:
    """GitHub is unreachable; the next run fills in the day."""
    runs.run()
    before = runs.query(_FACTS)
    execute(
        runs.url,
        "update warehouse_properties set property_value = '127.0.0.2'"
        " where property_name = 'api_host'",
    )
    runs.settings = replace(runs.settings, api_url='http://127.0.0.2:1')
    with pytest.raises(UnreachableError, match='did not answer any request'):
        _ingest(runs)
    assert runs.query(_FACTS) == before
    assert runs.query('select status from pipeline_runs order by run_id') == [
        ('succeeded',),
        ('failed',),
    ]


def test_as_of_is_not_compared_with_githubs_clock(runs: Runs) -> None:
    runs.clock.advance(-1e6)
    assert runs.run().unread == []


def test_status_and_audit_fail_on_future_times(
    runs: Runs, command: Command
) -> None:
    runs.run()
    assert runs.audit() == []
    ahead = datetime.now(UTC) + timedelta(days=43)
    runs.execute('update ingestion_state set last_run = %s', (ahead,))
    named = {'WAREHOUSE_URL': runs.url}
    done = command('status', **named)
    assert done.returncode == 1
    assert 'the last run is in the future: acme, ada' in done.stderr
    assert 'The clock was ahead' in done.stderr
    status = json.loads(command('status', '--json', **named).stdout)
    assert (status['ahead'], status['is_stale']) == (['acme', 'ada'], True)
    audited = command('audit', **named)
    assert audited.returncode == 1
    assert 'future_days' in audited.stdout


@pytest.mark.parametrize('retention_days', [30, 400])
def test_the_repair_deletes_days_in_the_future(
    runs: Runs, retention_days: int
) -> None:
    """It uses the file named in the runbook, with and without days left."""
    first = runs.world.today
    runs.run()
    runs.next_day()
    last: date = runs.world.today
    runs.run()
    acme = runs.company_id('acme')
    removed = next(r.id for r in runs.world.owned_by(acme) if r.is_public)
    runs.next_day(43)
    runs.world.vanish(removed)
    created = runs.world.create(acme, 'created-meanwhile')
    runs.run(retention_days=retention_days)
    _forget_after(runs, last)
    assert all(day <= last for day, _ in runs.query(_FACTS))
    days = {day for day, _ in runs.query(_FACTS)}
    assert days == {first, last}
    runs.next_day(-41)
    runs.simulator.faults.clear()
    assert runs.run().unread == []
    today = runs.world.today
    public = sum(r.is_public for r in runs.world.repositories.values())
    assert runs.query(
        'select count(*) from repo_snapshots where snapshot_date = %s',
        (today,),
    ) == [(public,)]
    assert runs.query(
        'select tracked_from from repos where id = %s', (created.id,)
    ) == [(today,)]
    assert runs.audit() == []
    runs.next_day()
    assert runs.run().unread == []


def test_repositories_removed_and_restored_by_a_wrong_clock_are_kept(
    runs: Runs,
) -> None:
    """Removed, restored, and in one case removed again, in the future."""
    runs.run()
    last: date = runs.world.today
    acme = runs.company_id('acme')
    public = [r.id for r in runs.world.owned_by(acme) if r.is_public]
    steps = [(public[:2], 'private'), (public[:2], 'public')]
    for repositories, visibility in [*steps, (public[:1], 'private')]:
        runs.next_day(2)
        for repository in repositories:
            runs.world.set_visibility(repository, visibility)
        runs.run()
    _forget_after(runs, last)
    runs.next_day(-5)
    assert runs.world.today == last + timedelta(days=1)
    runs.simulator.faults.add(faults.refused(403, 'Forbidden', text='acme'))
    assert len(runs.run(is_full=True).unread) == 1
    ((held,),) = runs.query(
        'select count(*) from repo_snapshots where company_id = %s'
        ' and snapshot_date = %s',
        (acme, runs.world.today),
    )
    # a later run observes what the wrong clock removed
    assert held == len(public) - 1
    runs.simulator.faults.clear()
    runs.next_day()
    assert runs.run().unread == []
    assert runs.audit() == []


def test_proxy_errors_do_not_confirm_the_clock(runs: Runs) -> None:
    """A local proxy's page has a date from the same wrong clock."""
    runs.clock.set_to_now()
    runs.clock.advance(-43 * 86400)
    now = format_datetime(datetime.now(UTC), usegmt=True)
    runs.simulator.faults.add(
        faults.Fault(status=502, headers={'Date': now}, last=1)
    )
    with pytest.raises(ClockError):
        _ingest(runs)


def test_retention_without_a_valid_date_drops_at_most_one_day(
    runs: Runs,
) -> None:
    """Every response has an invalid date."""
    runs.clock.set_to_now()
    today = runs.clock.now().date()
    runs.world.today = today - timedelta(days=40)
    runs.run(retention_days=30)
    runs.next_day(9)
    runs.run(retention_days=30)
    runs.simulator.faults.add(faults.Fault(headers={'Date': 'garbage'}))
    assert _ingest(runs).unread == []
    days = [day for day, _ in runs.query(_FACTS)]
    # a correct clock would have dropped all but thirty days
    assert min(days) == today - timedelta(days=40)
    assert runs.query('select min(snapshot_date) from repo_snapshots') == [
        (today - timedelta(days=40),)
    ]


def _forget_after(runs: Runs, day: date) -> None:
    """Run the repair as if today were that day."""
    statement = _REPAIR.read_text('utf-8')
    for now in ("(now() at time zone 'UTC')::date", 'now()'):
        assert now in statement
    noon = f"timestamptz '{day} 12:00:00+00'"
    statement = statement.replace('now()', noon)
    with closing(open_database(runs.url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("set time zone 'UTC'")
            cursor.execute(statement)
