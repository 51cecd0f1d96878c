"""A run in which something fails writes everything or nothing."""

import fcntl
import threading
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from pytest_mock import MockerFixture

from github_simulator import faults
from github_simulator.model import Account
from github_warehouse.errors import (
    AuditError,
    DatabaseError,
    RunInProgressError,
    TokenRefusedError,
    UnreachableError,
    UsageError,
    WarehouseError,
)
from github_warehouse.ingest import ingest
from github_warehouse.run_result import RunOptions
from github_warehouse.warehouse import retention
from simulated import Runs
from support import SimulatedClock, execute, open_database, warehouse_at

_FACTS = """
    select 'repo' as fact, count(*) from repo_snapshots
    union all
    select 'language', count(*) from language_snapshots
    union all
    select 'day', count(distinct snapshot_date) from company_daily
    union all
    select 'partition', count(*) from pg_inherits
    order by 1
"""
_RUNS = """
    select status, companies, companies_failed, error is not null
    from pipeline_runs
    order by run_id
"""


def test_progress_is_reported_for_each_company_up_to_its_total(
    runs: Runs, mocker: MockerFixture
) -> None:
    report = mocker.stub()
    as_of = datetime.combine(runs.world.today, time(), UTC)
    result = ingest(
        warehouse_at(runs.url),
        runs.settings,
        RunOptions(as_of=as_of),
        report,
        runs.clock,
    )
    for company in result.companies:
        read = company.repositories_observed
        report.assert_any_call(company.account.login, read, read)


def test_a_failed_company_is_carried_forward(runs: Runs) -> None:
    runs.run()
    first = runs.world.today
    runs.next_day()
    runs.simulator.faults.add(faults.server_error(500, text='"acme"'))
    result = runs.run()
    assert [fetch.account.login for fetch in result.unread] == ['acme']
    assert runs.query(
        'select company_name, max(observed_on) - %s'
        ' from repo_snapshots inner join companies using (company_id)'
        ' where snapshot_date = %s group by company_name order by 1',
        (first, runs.world.today),
    ) == [('acme', 0), ('ada', 1)]
    assert runs.query(
        "select source, (last_run at time zone 'UTC')::date - %s"
        ' from ingestion_state order by source',
        (first,),
    ) == [('acme', 0), ('ada', 1)]
    assert runs.query(_RUNS) == [
        ('succeeded', 2, 0, False),
        ('partial', 2, 1, True),
    ]
    assert runs.query(
        'select status, snapshots_fresh > 0, snapshots_carried > 0'
        ' from pipeline_run_companies where run_id = 2 order by status'
    ) == [('failed', False, True), ('succeeded', True, False)]


def test_partial_data_of_a_failed_company_is_discarded(runs: Runs) -> None:
    runs.run()
    runs.next_day()
    acme = [f for f in _accounts(runs) if f.login == 'acme'][0]
    for number in range(120):
        runs.world.create(acme.id, f'new-{number:03}')
    runs.simulator.faults.add(faults.server_error(500, text='"acme"', first=2))
    result = runs.run()
    assert [fetch.status for fetch in result.companies] == [
        'failed',
        'succeeded',
    ]
    assert runs.query(
        "select count(*) from repos where name like 'new-%%'"
    ) == [(0,)]


def test_a_run_in_which_every_company_fails_carries_all_forward(
    runs: Runs,
) -> None:
    runs.run()
    before = runs.query('select count(*) from repo_snapshots')[0][0]
    assert isinstance(before, int)
    runs.next_day()
    runs.simulator.faults.add(faults.server_error(500))
    result = runs.run()
    assert len(result.unread) == 2
    assert result.written.snapshots_carried == before
    assert runs.query('select count(*) from repo_snapshots') == [(2 * before,)]


def test_a_refused_token_stops_the_run_and_is_logged(
    runs: Runs,
) -> None:
    runs.run()
    before = runs.query(_FACTS)
    runs.next_day()
    with pytest.raises(TokenRefusedError, match='GITHUB_TOKEN'):
        runs.run(tokens=("revoked",))
    assert runs.query(_FACTS) == before
    assert runs.query(_RUNS)[1:] == [('failed', 0, 0, True)]
    assert 'revoked' not in str(runs.query('select error from pipeline_runs'))


def test_an_unreachable_github_is_reported_after_the_last_try(
    runs: Runs,
) -> None:
    clock = SimulatedClock()
    with pytest.raises(UnreachableError, match='Connection refused'):
        ingest(
            warehouse_at(runs.url),
            replace(runs.settings, api_url='http://127.0.0.1:1'),
            RunOptions(),
            clock=clock,
        )
    # each of the two companies is tried five times
    assert len(clock.waits) == 8
    assert runs.query('select count(*) from companies') == [(0,)]


@pytest.mark.parametrize('reason', ['unknown', 'errors', 'limit'])
def test_a_failed_look_up_of_a_new_company_stops_no_other(
    runs: Runs, reason: str
) -> None:
    runs.run()
    runs.next_day()
    if reason == 'errors':
        runs.simulator.faults.add(
            faults.server_error(500, text='/users/globex')
        )
    elif reason == 'limit':
        runs.simulator.faults.add(faults.primary_limit(text='/users/globex'))
    companies = (*runs.settings.companies, 'globex')
    result = runs.run(companies=companies)
    assert result.unread == []
    assert len(result.failures) == 1
    assert runs.query(
        'select count(distinct company_id) from company_daily'
        ' where snapshot_date = %s',
        (runs.world.today,),
    ) == [(2,)]
    ((status, error),) = runs.query(
        'select status, error from pipeline_runs where run_id = 2'
    )
    assert (status, error) == ('partial', result.failures[0])
    assert 'globex' in error


def test_an_incomplete_list_removes_nothing(runs: Runs) -> None:
    runs.run()
    first = runs.world.today
    before = runs.query('select count(*) from repo_snapshots')
    runs.next_day()
    runs.simulator.faults.add(
        faults.graphql_error(
            'FORBIDDEN',
            'Resource protected by organization SAML enforcement.',
            'repositoryOwner',
            'repositories',
            'nodes',
            0,
            text='"acme"',
        )
    )
    result = runs.run()
    assert [fetch.status for fetch in result.unread] == ['incomplete']
    assert (
        runs.query(
            'select count(*) from repo_snapshots where snapshot_date = %s',
            (runs.world.today,),
        )
        == before
    )
    assert runs.query(
        'select last_run::date - %s from ingestion_state'
        " where source = 'acme'",
        (first,),
    ) == [(0,)]


def test_a_sweep_that_would_remove_too_many_removes_nothing(
    runs: Runs,
) -> None:
    runs.run()
    before = runs.query('select count(*) from repo_snapshots')
    runs.next_day()
    acme = [f for f in _accounts(runs) if f.login == 'acme'][0]
    for repository in list(runs.world.repositories.values()):
        if repository.owner_id == acme.id:
            runs.world.vanish(repository.id)
    result = runs.run()
    assert [fetch.status for fetch in result.unread] == ['incomplete']
    assert '--accept-removals' in str(result.unread[0].error)
    assert (
        runs.query(
            'select count(*) from repo_snapshots where snapshot_date = %s',
            (runs.world.today,),
        )
        == before
    )
    result = runs.run('acme', accept_removals=True)
    assert result.unread == []
    assert runs.query(
        'select count(*) from repo_snapshots'
        ' inner join companies using (company_id)'
        " where snapshot_date = %s and company_name = 'acme'",
        (runs.world.today,),
    ) == [(0,)]


def test_after_a_failed_look_up_the_second_sweep_decides(runs: Runs) -> None:
    runs.run()
    repository = min(
        r.id
        for r in runs.world.repositories.values()
        if r.is_public and runs.world.accounts[r.owner_id].login == 'acme'
    )
    runs.world.vanish(repository)
    runs.simulator.faults.add(
        faults.server_error(500, kind='graphql:nodes'),
        faults.server_error(500, kind='rest:repository'),
    )
    removed = []
    for _ in range(2):
        runs.next_day()
        runs.run()
        removed += runs.query(
            'select removed_on from repos where id = %s', (repository,)
        )
    assert removed == [(None,), (runs.world.today,)]


def test_an_audit_error_rolls_back_the_write(runs: Runs) -> None:
    runs.run()
    runs.next_day()
    execute(
        runs.url,
        'create function spoil() returns trigger language plpgsql as $$'
        ' begin new.stars := new.stars + 1; return new; end $$',
    )
    execute(
        runs.url,
        'create trigger spoil before insert on company_daily'
        ' for each row execute function spoil()',
    )
    before = runs.query(_FACTS)
    with pytest.raises(AuditError, match='company_daily_differs: 2 rows'):
        runs.run()
    assert runs.query(_FACTS) == before
    assert runs.query(_RUNS)[1:] == [('failed', 0, 0, True)]


def test_a_day_without_its_constraints_is_refused(runs: Runs) -> None:
    """Runs rely on the constraints and do not check each row."""
    runs.run()
    runs.next_day()
    before = runs.query(_FACTS)
    execute(
        runs.url,
        'alter table language_snapshots'
        ' drop constraint language_snapshots_language_id_fkey',
    )
    with pytest.raises(AuditError, match='missing_constraints: 1 row'):
        runs.run()
    assert runs.query(_FACTS) == before


def test_a_second_concurrent_run_on_one_host_writes_nothing(
    runs: Runs,
) -> None:
    with open(warehouse_at(runs.url).lock_file, 'ab') as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(RunInProgressError) as raised:
            runs.run()
    assert raised.value.exit_code == 75
    assert runs.query(_RUNS) == []


@pytest.mark.parametrize('isolation', ['read committed', 'serializable'])
def test_a_second_concurrent_run_on_another_host_writes_nothing(
    runs: Runs, isolation: str
) -> None:
    """The other run commits while this one reads GitHub."""
    name = runs.url.split('?')[0].rpartition('/')[2]
    execute(
        runs.url,
        f'alter database {name}'
        f" set default_transaction_isolation = '{isolation}'",
    )
    runs.run()
    runs.next_day()
    runs.simulator.faults.add(faults.hang(1.5, text='"acme"', last=1))
    failures: list[Exception] = []

    def slow() -> None:
        try:
            runs.run()
        except RunInProgressError as error:
            failures.append(error)

    first = threading.Thread(target=slow)
    first.start()
    while not runs.simulator.requests['graphql:repositories'] > 2:
        pass
    elsewhere = warehouse_at(runs.url)
    lock_file = elsewhere.lock_file.with_suffix('.elsewhere')
    ingest(
        replace(elsewhere, lock_file=lock_file),
        runs.settings,
        RunOptions(as_of=datetime.combine(runs.world.today, time(1), UTC)),
    )
    first.join()
    assert len(failures) == 1
    assert len(runs.query(_RUNS)) == 2


def test_an_operating_system_error_is_logged(runs: Runs) -> None:
    """Here, the certificate bundle is missing."""
    runs.run()
    before = runs.query(_FACTS)
    runs.next_day()
    host = 'https://github.invalid'
    execute(
        runs.url,
        "update warehouse_properties set property_value = 'github.invalid'"
        " where property_name = 'api_host'",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('REQUESTS_CA_BUNDLE', '/nowhere')
        with pytest.raises(WarehouseError, match='/nowhere'):
            runs.run(api_url=host)
    assert runs.query(_FACTS) == before
    assert runs.query(_RUNS)[1:] == [('failed', 0, 0, True)]


def test_retention_does_not_wait_for_a_reader(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, '_LOCK_TIMEOUT', '100ms')
    runs.run(retention_days=2)
    runs.next_day(3)
    with closing(open_database(runs.url)) as reader:
        with closing(reader.cursor()) as cursor:
            cursor.execute('select count(*) from repo_snapshots')
            result = runs.run(retention_days=2)
    assert result.written.partitions_dropped == 0
    runs.next_day()
    assert runs.run(retention_days=2).written.partitions_dropped == 4


def test_days_within_retention_are_kept(runs: Runs) -> None:
    for _ in range(5):
        runs.run(retention_days=2)
        runs.next_day()
    assert runs.query(
        'select count(distinct snapshot_date) from repo_snapshots'
    ) == [(3,)]
    assert runs.query(
        'select count(distinct snapshot_date) from company_daily'
    ) == [(5,)]


def test_another_host_is_refused(runs: Runs) -> None:
    runs.run()
    before = runs.query(_FACTS)
    with pytest.raises(UsageError, match='holds data from 127.0.0.1'):
        runs.run(api_url='http://localhost:9')
    assert runs.query(_FACTS) == before
    assert runs.query(_RUNS)[1:] == [('failed', 0, 0, True)]


def test_a_future_time_is_refused_and_logged_at_the_clock_time(
    runs: Runs,
) -> None:
    with pytest.raises(UsageError, match='in the future'):
        runs.run(day=date(2999, 1, 1))
    assert runs.query(
        'select status, started_at <= now() from pipeline_runs'
    ) == [('failed', True)]


def test_an_unreadable_state_is_logged(runs: Runs) -> None:
    runs.run()
    runs.execute('alter table repos rename column node_id to it_was')
    with pytest.raises(DatabaseError, match='node_id'):
        runs.run()
    assert runs.query(_RUNS)[1:] == [('failed', 0, 0, True)]
    runs.execute('delete from _yoyo_migration')
    with pytest.raises(UsageError, match='migrate'):
        runs.run()
    assert runs.query(_RUNS)[2:] == [('failed', 0, 0, True)]


def test_a_time_before_the_last_run_is_refused(runs: Runs) -> None:
    runs.run()
    before = runs.world.today
    runs.next_day(-1)
    with pytest.raises(UsageError, match='past days cannot be written'):
        runs.run()
    assert runs.query('select max(snapshot_date) from repo_snapshots') == [
        (before,)
    ]


def test_a_time_long_ago_is_refused(runs: Runs) -> None:
    with pytest.raises(UsageError, match='before 1970'):
        runs.run(day=date(1, 1, 1))


def test_as_of_is_refused_for_github_com(runs: Runs) -> None:
    with pytest.raises(UsageError, match='cannot be used with github.com'):
        runs.run(api_url='https://api.github.com')


def test_a_database_error_in_the_write_is_a_one_line_error(runs: Runs) -> None:
    runs.run()
    before = runs.query(_FACTS)
    runs.next_day()
    execute(runs.url, 'alter table pipeline_run_companies rename to elsewhere')
    with pytest.raises(DatabaseError, match='pipeline_run_companies'):
        runs.run()
    assert runs.query(_FACTS) == before


def _accounts(runs: Runs) -> list[Account]:
    return list(runs.world.accounts.values())


def test_audit_warnings_are_in_the_run_log(
    runs: Runs,
) -> None:
    runs.run()
    runs.next_day()
    with runs.world.lock:
        for repository in runs.world.repositories.values():
            repository.stars //= 4
    runs.run(is_full=True)
    logged = runs.query('select warnings from pipeline_runs order by run_id')
    assert logged[0] == (None,)
    assert logged[1][0].startswith('stars_fell: ')


def test_a_company_read_after_days_without_a_run_is_not_stale(
    runs: Runs,
) -> None:
    """Its watermark is written before the audits run."""
    runs.run(sweep_every_days=30)
    with runs.world.lock:
        runs.world.today += timedelta(days=3)
    runs.run(sweep_every_days=30)
    logged = runs.query('select warnings from pipeline_runs order by run_id')
    assert logged == [(None,), (None,)]
