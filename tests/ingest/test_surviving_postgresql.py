"""PostgreSQL is down, locked, paused or killed: no row is lost or doubled."""

import os
import random
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import psutil
import psycopg2
import pytest
from tenacity import (
    stop_after_attempt,
    stop_after_delay,
    wait_exponential,
)

from github_warehouse.errors import (
    DatabaseAwayError,
    DatabaseError,
    RunInProgressError,
)
from github_warehouse.warehouse import (
    connection,
    persistence,
    retention,
    server,
    waking,
    watch,
)
from github_warehouse.warehouse.connection import (
    connect,
    lock_name,
    transaction,
)
from github_warehouse.warehouse.migrate import migrate
from github_warehouse.warehouse.server_process import is_running
from hosted import Proxy
from simulated import Runs, serve
from support import execute, open_database, server_setting, warehouse_at
from truth import true_repos

_SETTINGS = (
    'lock_timeout',
    'statement_timeout',
    'idle_in_transaction_session_timeout',
    'client_encoding',
    'standard_conforming_strings',
)
# statements of the write, from the first to the commit
_MOMENTS = (
    b'pg_advisory_xact_lock',
    b'copy observed_repos',
    b'attach partition',
    b'into pipeline_runs',
    b'COMMIT',
)
_WRITTEN = """
    select
        (select count(*) from repo_snapshots where snapshot_date = %(day)s),
        (select count(*) from pipeline_runs where snapshot_date = %(day)s)
"""


@pytest.fixture
def own_runs(own_server_url: str) -> Iterator[Runs]:
    """Runs on a separate server that the test may kill."""
    migrate(warehouse_at(own_server_url))
    with serve('acme:24,ada:4:user', own_server_url) as runs:
        yield runs


def _through(runs: Runs, proxy: Proxy) -> Runs:
    return replace(runs, url=proxy.url())


def _check_day(runs: Runs) -> None:
    """Check that the day was written exactly once."""
    public = len(true_repos(runs.world, {'acme', 'ada'}))
    assert runs.query(_WRITTEN, {'day': runs.world.today}) == [(public, 1)]


def _during_write(proxy: Proxy, moment: bytes, act: Callable[[], str]) -> None:
    """Call `act` once, when the write first sends this statement."""

    def begin() -> str:
        proxy.trigger, proxy.on_trigger = moment, once
        return once() if moment == first else 'forward'

    def once() -> str:
        proxy.trigger = b''
        return act()

    first = _MOMENTS[0]
    proxy.trigger, proxy.on_trigger = first, begin


def test_every_connection_has_our_settings(runs: Runs) -> None:
    name = runs.url.partition('?')[0].rpartition('/')[2]
    for setting_name, value in (
        ('lock_timeout', '7h'),
        ('statement_timeout', '7h'),
        ('client_encoding', 'latin1'),
        ('standard_conforming_strings', 'off'),
    ):
        execute(
            runs.url,
            f"alter database {name} set {setting_name} to '{value}'",
        )
    with (
        connect(warehouse_at(runs.url)) as connected,
        transaction(connected) as cursor,
    ):
        found = []
        for setting_name in _SETTINGS:
            cursor.execute(f'show {setting_name}')
            found += cursor.fetchall()
        cursor.execute('select %s', ('\\d é',))
        assert cursor.fetchone() == ('\\d é',)
    assert found == [('2min',), ('1h',), ('30min',), ('UTF8',), ('on',)]
    assert runs.run().unread == []
    assert runs.audit() == []


def test_a_lost_connection_is_detected(empty_url: str) -> None:
    with (
        Proxy(empty_url) as proxy,
        connect(warehouse_at(proxy.url())) as connected,
    ):
        with socket.socket(fileno=os.dup(connected.fileno())) as found:
            assert [
                found.getsockopt(level, option)
                for level, option in (
                    (socket.SOL_SOCKET, socket.SO_KEEPALIVE),
                    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE),
                    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL),
                    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT),
                    (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT),
                )
            ] == [1, 60, 15, 4, 120000]


def test_an_open_update_is_named_after_a_lock_timeout(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, '_LOCK_SECONDS', 1)
    runs.run()
    runs.next_day()
    with closing(
        open_database(runs.url, application_name='a spreadsheet')
    ) as other:
        with closing(other.cursor()) as cursor:
            cursor.execute('update ingestion_state set source = source')
        began = time.monotonic()
        with pytest.raises(
            DatabaseError,
            match=rf'session {other.info.backend_pid} \(user \w+, '
            r'application a spreadsheet, since 20.* UTC\)',
        ):
            runs.run()
        assert time.monotonic() - began < 30
        assert runs.query('select status from pipeline_runs order by 1') == [
            ('failed',),
            ('succeeded',),
        ]
    assert runs.run().unread == []


def test_a_long_concurrent_write_is_named(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, '_LOCK_SECONDS', 1)
    with closing(open_database(runs.url)) as other:
        with closing(other.cursor()) as cursor:
            cursor.execute(
                'select pg_advisory_xact_lock(hashtext(%s))',
                (lock_name(other, 'ingest'),),
            )
        with pytest.raises(
            RunInProgressError, match=f'session {other.info.backend_pid} '
        ):
            runs.run()


def test_a_deadlock_skips_retention_and_keeps_the_day(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader locks the oldest day, then all days while retention waits."""
    monkeypatch.setattr(retention, '_LOCK_TIMEOUT', '60s')
    runs.run(retention_days=2)
    oldest = f'repo_snapshots_{runs.world.today:%Y%m%d}'
    runs.next_day(3)
    requested = threading.Event()

    def read() -> None:
        with closing(open_database(runs.url)) as reader:
            with closing(reader.cursor()) as cursor:
                cursor.execute("set deadlock_timeout to '60s'")
                cursor.execute(f'select count(*) from {oldest}')
                requested.set()
                while not runs.query(
                    'select from pg_locks where not granted'
                    " and mode = 'AccessExclusiveLock'"
                ):
                    time.sleep(0.01)
                cursor.execute('select count(*) from repo_snapshots')

    reader = threading.Thread(target=read)
    reader.start()
    requested.wait()
    result = runs.run(retention_days=2)
    reader.join()
    assert result.unread == [] and result.written.partitions_dropped == 0
    _check_day(runs)
    runs.next_day()
    assert runs.run(retention_days=2).written.partitions_dropped == 4


def test_a_server_down_at_the_start_of_the_write_is_waited_for(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        waking,
        'PATIENT',
        waking.PATIENT.copy(wait=wait_exponential(multiplier=0.02)),
    )
    with Proxy(runs.url) as proxy:

        def stop_server() -> None:
            proxy.refuse = 6

        assert _through(runs, proxy).run(meanwhile=stop_server).unread == []
        assert proxy.refuse == 0
    _check_day(runs)


def test_a_server_without_a_free_connection_is_waited_for(
    own_runs: Runs,
) -> None:
    taken: list[connection.Connection] = []

    def take_every_connection() -> None:
        with suppress(psycopg2.OperationalError):
            while True:
                taken.append(open_database(own_runs.url))
        threading.Timer(3, release_connections).start()

    def release_connections() -> None:
        for each in taken:
            each.close()

    own_runs.run(meanwhile=take_every_connection)
    assert len(taken) > 50
    _check_day(own_runs)


def test_a_server_that_stays_down_is_reported_after_minutes(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(waking.PATIENT.stop, stop_after_delay)
    assert waking.PATIENT.stop.max_delay == 600
    monkeypatch.setattr(
        waking,
        'PATIENT',
        waking.PATIENT.copy(
            stop=stop_after_delay(0.5), wait=wait_exponential(multiplier=0.02)
        ),
    )
    # logging the failed run does not wait
    monkeypatch.setattr(
        waking,
        'QUICK',
        waking.QUICK.copy(wait=wait_exponential(multiplier=0.02)),
    )
    monkeypatch.setattr(
        persistence,
        '_TRIES',
        persistence._TRIES.copy(stop=stop_after_attempt(2)),
    )
    with Proxy(runs.url) as proxy:

        def stop_server() -> None:
            proxy.refuse = 1000

        with pytest.raises(DatabaseAwayError, match='cannot connect'):
            _through(runs, proxy).run(meanwhile=stop_server)
    assert runs.query(_WRITTEN, {'day': runs.world.today}) == [(0, 0)]


@pytest.mark.parametrize(
    'days', [2, pytest.param(100, marks=pytest.mark.long)]
)
@pytest.mark.parametrize('where', ['before', 'after'])
def test_a_connection_cut_at_commit_loses_and_doubles_nothing(
    runs: Runs, where: str, days: int
) -> None:
    with Proxy(runs.url) as proxy:
        for _ in range(days):
            _during_write(proxy, b'COMMIT', lambda: where)
            result = _through(runs, proxy).run()
            assert result.unread == [] and proxy.trigger == b''
            assert result.written.snapshots_fresh > 0
            _check_day(runs)
            runs.next_day()
    assert runs.audit() == []
    print(f'{days} commits cut {where} they came through')


@pytest.mark.parametrize(
    'days', [3, pytest.param(100, marks=pytest.mark.long)]
)
def test_a_connection_cut_during_the_write_loses_and_doubles_nothing(
    runs: Runs, days: int
) -> None:
    counted: Counter[str] = Counter()
    with Proxy(runs.url) as proxy:
        for number in range(days):
            moment = _MOMENTS[number % len(_MOMENTS)]
            where = random.choice(['before', 'after'])
            counted[f'{where} {moment.decode()}'] += 1
            _during_write(proxy, moment, partial(str, where))
            assert _through(runs, proxy).run().unread == []
            _check_day(runs)
            runs.next_day()
    assert runs.audit() == []
    print(f'{days} cuts: {dict(counted)}')


def _postgresql(url: str) -> tuple[Path, list[psutil.Process]]:
    """Return the folder of a server and its processes, postmaster first."""
    data = Path(server_setting(url, 'data_directory'))
    number = int((data / 'postmaster.pid').read_text().split()[0])
    first = psutil.Process(number)
    return data.parent, [first, *first.children(recursive=True)]


@pytest.mark.parametrize(
    'days', [3, pytest.param(100, marks=pytest.mark.long)]
)
@pytest.mark.parametrize('how', ['killed', 'restarted'])
def test_a_server_killed_or_restarted_during_the_write_loses_nothing(
    own_runs: Runs, how: str, days: int
) -> None:
    folder, _ = _postgresql(own_runs.url)
    threads: list[threading.Thread] = []

    def restart_server() -> None:
        while True:
            with suppress(DatabaseError):
                server.start(folder)
                return
            time.sleep(0.1)

    def stop_server() -> str:
        if how == 'killed':
            _, processes = _postgresql(own_runs.url)
            processes[0].send_signal(signal.SIGKILL)
            while is_running(folder / 'postgres'):
                time.sleep(0.01)
        else:
            server.stop(folder)
        threads.append(threading.Thread(target=restart_server))
        threads[-1].start()
        return 'forward'

    with Proxy(own_runs.url) as proxy:
        for number in range(days):
            moment = _MOMENTS[-1 - number % len(_MOMENTS)]
            _during_write(proxy, moment, stop_server)
            assert _through(own_runs, proxy).run().unread == []
            threads[-1].join()
            assert proxy.trigger == b''
            _check_day(own_runs)
            own_runs.next_day()
    assert own_runs.audit() == []
    print(f'{days} times PostgreSQL was {how} in the write')


@pytest.mark.parametrize(
    ('days', 'seconds'),
    [
        pytest.param(1, 1, id='for a while'),
        pytest.param(1, 5, id='for long'),
        pytest.param(50, 2, id='often', marks=pytest.mark.long),
        pytest.param(50, 12, id='often and for long', marks=pytest.mark.long),
    ],
)
def test_a_server_paused_during_the_write_loses_nothing(
    own_runs: Runs,
    days: int,
    seconds: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # a server that does not respond is abandoned after about three seconds
    monkeypatch.setattr(connection, '_LOCK_SECONDS', 1.5)
    monkeypatch.setattr(watch, '_PROBE_TIMEOUT_SECONDS', 0.5)

    def pause() -> str:
        _, processes = _postgresql(own_runs.url)
        for process in processes:
            process.suspend()
        threading.Timer(seconds, resume, [processes]).start()
        return 'forward'

    def resume(processes: list[psutil.Process]) -> None:
        for process in reversed(processes):
            process.resume()

    with Proxy(own_runs.url) as proxy:
        for number in range(days):
            moment = _MOMENTS[-1 - number % len(_MOMENTS)]
            _during_write(proxy, moment, pause)
            before = proxy.connections
            assert _through(own_runs, proxy).run().unread == []
            assert proxy.trigger == b'' and proxy.connections > before
            _check_day(own_runs)
            own_runs.next_day()
    assert own_runs.audit() == []
    print(f'{days} times PostgreSQL was paused for {seconds} s')
