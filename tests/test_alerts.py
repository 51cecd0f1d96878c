"""Alerts go to a real server, once per problem and once when resolved."""

import fcntl
import json
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psutil
import pytest

from cli.conftest import environment
from github_simulator import Simulator, World, parse_accounts
from github_warehouse import alerts
from github_warehouse import webhook as webhook_module
from github_warehouse.alerts import (
    Findings,
    alert_of_failure,
    alert_of_run,
    alert_of_status,
)
from github_warehouse.config import Settings, read_settings
from github_warehouse.errors import (
    ClockError,
    DatabaseError,
    RunInProgressError,
    SettingsError,
    WarehouseError,
)
from github_warehouse.logs import log_to_file
from github_warehouse.model import Account, Company
from github_warehouse.warehouse.companies import track, untrack
from github_warehouse.warehouse.connection import (
    Warehouse,
    connect,
    transaction,
)
from github_warehouse.warehouse.private import lock_folder
from github_warehouse.warehouse.runs import take_run_lock
from support import execute, warehouse_at

_NOW = datetime(2026, 3, 10, 2, tzinfo=UTC)
_FELL = 'stars_fell: 1 row, e.g. company_name=acme'


@dataclass
class Webhook:
    """A server that records the alerts it receives.

    Attributes:
        url: URL of the server; ends in a secret.
        texts: lines of each alert, without the title.
        status: HTTP status of its responses.
    """

    url: str
    texts: list[list[str]] = field(default_factory=list)
    status: int = 200


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers['Content-Length']))
            if received.status == 200:
                received.texts.append(
                    json.loads(body)['text'].splitlines()[1:]
                )
            self.send_response(received.status)
            self.end_headers()

        def log_message(self, *arguments: Any) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(('127.0.0.1', 0), Handler) as server:
        received = Webhook(
            f'http://127.0.0.1:{server.server_port}/se/cret-part'
        )
        threading.Thread(target=server.serve_forever).start()
        yield received
        server.shutdown()


@pytest.fixture
def settings(webhook: Webhook) -> Settings:
    return read_settings({'ALERT_WEBHOOK_URL': webhook.url})


@pytest.fixture
def warehouse(warehouse_url: str) -> Iterator[Warehouse]:
    found = warehouse_at(warehouse_url)
    yield found
    found.lock_file.with_suffix('.alerted').unlink(missing_ok=True)


def alert(
    settings: Settings,
    warehouse: Warehouse,
    now: datetime,
    failure: str | None,
    warnings: Sequence[str],
) -> None:
    """Send the alerts of a failed run or of a complete one."""
    if failure is not None:
        error = WarehouseError(failure)
        alert_of_failure(settings, warehouse, now, error)
    else:
        found = Findings(read=[1], warnings=warnings)
        alert_of_run(settings, warehouse, now, found)


def _track(url: str, last_run: datetime | None) -> None:
    moment = 'null' if last_run is None else f"'{last_run.isoformat()}'"
    execute(
        url,
        "insert into companies values (1, 'acme', 'Organization');"
        f" insert into ingestion_state values ('acme', 1, {moment})",
    )


def test_a_failed_run_sends_one_alert_and_one_resolution(
    settings: Settings, warehouse: Warehouse, webhook: Webhook
) -> None:
    for failure in ('no disk', 'no disk', 'no disk still', None, None):
        alert(settings, warehouse, _NOW, failure, ())
    assert webhook.texts == [
        ['a run failed: no disk'],
        ['resolved: a run failed: no disk'],
    ]


def test_a_warning_lasts_until_a_run_without_it(
    settings: Settings, warehouse: Warehouse, webhook: Webhook
) -> None:
    for warnings in ((_FELL,), (_FELL,), ()):
        alert(settings, warehouse, _NOW, None, warnings)
    assert webhook.texts == [
        [f'an audit warns: {_FELL}'],
        [f'resolved: an audit warns: {_FELL}'],
    ]


def test_a_run_without_a_write_resolves_no_warning(
    settings: Settings, warehouse: Warehouse, webhook: Webhook
) -> None:
    alert(settings, warehouse, _NOW, None, (_FELL,))
    alert(settings, warehouse, _NOW, 'no disk', ())
    alert(settings, warehouse, _NOW, None, (_FELL,))
    assert webhook.texts[1:] == [
        ['a run failed: no disk'],
        ['resolved: a run failed: no disk'],
    ]


def test_a_company_is_stale_after_two_days(
    settings: Settings, warehouse: Warehouse, webhook: Webhook
) -> None:
    _track(warehouse.url, _NOW)
    for hours in (47, 48, 72):
        now = _NOW + timedelta(hours=hours)
        # the audit finding for the same company sends no second alert
        alert(settings, warehouse, now, None, ('stale_companies: 1 row',))
    execute(
        warehouse.url,
        f"update ingestion_state set last_run = '{now.isoformat()}'",
    )
    alert(settings, warehouse, now, None, ())
    message = 'acme was not read completely since 2026-03-10 02:00 UTC'
    assert webhook.texts == [[message], [f'resolved: {message}']]


def test_a_company_never_read_is_stale_from_the_first_try(
    settings: Settings, warehouse: Warehouse, webhook: Webhook
) -> None:
    _track(warehouse.url, None)
    alert(settings, warehouse, _NOW, None, ())
    execute(
        warehouse.url,
        'insert into pipeline_runs (run_id, started_at, finished_at,'
        ' snapshot_date, status, mode, source)'
        " values (1, '2026-03-08', '2026-03-08', '2026-03-08', 'partial',"
        " 'sweep', 'graphql');"
        ' insert into pipeline_run_companies (run_id, company_id, started_at,'
        ' finished_at, status, mode, source, repositories_observed,'
        ' snapshots_fresh, snapshots_carried, requests, points)'
        " values (1, 1, '2026-03-08 00:00Z', '2026-03-08', 'failed', 'sweep',"
        " 'graphql', 0, 0, 0, 1, 1)",
    )
    alert(settings, warehouse, _NOW, None, ())
    assert webhook.texts == [
        ['acme was not read completely since 2026-03-08 00:00 UTC']
    ]


def test_a_company_never_tried_is_stale_from_its_tracking(
    settings: Settings, warehouse: Warehouse, webhook: Webhook
) -> None:
    found = Company(Account(1, 'acme', 'Organization'), 'acme')
    now = datetime.now(UTC)
    with connect(warehouse) as connection:
        for days in (9, 4):
            with transaction(connection) as cursor:
                untrack(cursor, [1])
                track(cursor, [found])
                cursor.execute(
                    'update ingestion_state set tracked_at = %s',
                    (now - timedelta(days=days),),
                )
                # tracking it again changes nothing
                track(cursor, [found])
    alert_of_status(settings, warehouse, now - timedelta(days=3))
    alert_of_status(settings, warehouse, now)
    since = f'{now - timedelta(days=4):%Y-%m-%d %H:%M} UTC'
    assert webhook.texts == [[f'acme was not read completely since {since}']]


def test_the_comment_on_the_keys_names_every_key(
    warehouse: Warehouse,
) -> None:
    with connect(warehouse) as connection:
        with transaction(connection) as cursor:
            cursor.execute(
                "select col_description('alerts'::regclass, 1::integer)"
            )
            (comment,) = cursor.fetchone() or ('',)
    for key in (
        *(alerts._RUN, alerts._BLOCKED, alerts._BLOCKED_ONCE),
        *(alerts._KILLED, alerts._OUT_OF_TIME, alerts._UNTRACKED),
        *(alerts._NEW, alerts._COMPANY, alerts._AUDIT),
        *(alerts._STALE, alerts._AHEAD),
    ):
        assert key in comment


def test_an_undelivered_alert_is_sent_the_next_time(
    settings: Settings,
    warehouse: Warehouse,
    webhook: Webhook,
    tmp_path: Path,
) -> None:
    webhook.status = 500
    with log_to_file(tmp_path / 'log'):
        alert(settings, warehouse, _NOW, 'no disk', ())
    webhook.status = 200
    alert(settings, warehouse, _NOW, 'no disk', ())
    assert webhook.texts == [['a run failed: no disk']]
    output = (tmp_path / 'log').read_text()
    assert 'ALERT_WEBHOOK_URL answered 500' in output
    assert 'cret-part' not in output


def test_an_unreachable_warehouse_sends_one_alert(
    settings: Settings, warehouse: Warehouse, webhook: Webhook
) -> None:
    away = Warehouse(
        'postgresql://user@127.0.0.1:9/nothing',
        '',
        'warehouse',
        warehouse.lock_file,
    )
    for _ in range(2):
        alert(settings, away, _NOW, 'cannot connect', ())
    assert [text[0][:28] for text in webhook.texts] == [
        'a run failed: cannot connect'
    ]
    alert(settings, warehouse, _NOW, None, ())
    alert(settings, warehouse, _NOW, None, ())
    assert webhook.texts[1:] == [['resolved: a run failed: cannot connect']]


def test_no_alert_is_sent_without_a_webhook(
    warehouse: Warehouse, webhook: Webhook
) -> None:
    alert(read_settings({}), warehouse, _NOW, 'no disk', ())
    assert webhook.texts == []


def test_a_failed_company_sends_one_alert_and_one_resolution(
    settings: Settings, warehouse: Warehouse, webhook: Webhook
) -> None:
    _track(warehouse.url, _NOW)
    for unread, read in (
        ({1: 'acme was not read: a 500'}, ()),
        ({1: 'acme was not read: a 502'}, ()),
        # runs of other companies and failed runs do not change its alert
        ({}, ()),
        ({}, (1,)),
    ):
        found = Findings(unread=unread, read=read)
        alert_of_run(settings, warehouse, _NOW, found)
    assert webhook.texts == [
        ['acme was not read: a 500'],
        ['resolved: acme was not read: a 500'],
    ]


def test_untracking_a_company_resolves_its_alert(
    settings: Settings, warehouse: Warehouse, webhook: Webhook
) -> None:
    _track(warehouse.url, _NOW)
    found = Findings(unread={1: 'acme was not read: a 500'})
    alert_of_run(settings, warehouse, _NOW, found)
    execute(warehouse.url, 'update companies set is_tracked = false')
    alert_of_run(settings, warehouse, _NOW, Findings())
    assert webhook.texts[1:] == [['resolved: acme was not read: a 500']]


def test_a_partial_run_sends_an_alert(
    settings: Settings, warehouse: Warehouse, webhook: Webhook
) -> None:
    for reason in ('RUN_MAX_MINUTES is over',) * 2 + (None,):
        found = Findings(out_of_time=reason)
        alert_of_run(settings, warehouse, _NOW, found)
    message = 'a run was partial: RUN_MAX_MINUTES is over'
    assert webhook.texts == [[message], [f'resolved: {message}']]


def test_each_new_company_not_found_sends_one_alert(
    settings: Settings, warehouse: Warehouse, webhook: Webhook
) -> None:
    for logins in (['One'], ['one', 'two'], ['two'], []):
        found = Findings(not_found={name: f'no {name}' for name in logins})
        alert_of_run(settings, warehouse, _NOW, found)
    assert webhook.texts == [
        ['no One'],
        ['no two'],
        ['resolved: no One'],
        ['resolved: no two'],
    ]


def test_a_run_that_fails_for_another_reason_sends_another_alert(
    settings: Settings, warehouse: Warehouse, webhook: Webhook
) -> None:
    for error in (
        DatabaseError('no disk'),
        DatabaseError('no disk still'),
        ClockError('the clock is wrong'),
    ):
        alert_of_failure(settings, warehouse, _NOW, error)
    alert(settings, warehouse, _NOW, None, ())
    assert webhook.texts == [
        ['a run failed: no disk'],
        ['a run failed: the clock is wrong'],
        ['resolved: a run failed: the clock is wrong'],
    ]


def test_two_companies_of_one_login_do_not_hide_each_other(
    settings: Settings, warehouse: Warehouse, webhook: Webhook
) -> None:
    _track(warehouse.url, _NOW)
    execute(
        warehouse.url,
        "insert into companies values (2, 'acme', 'Organization');"
        " insert into ingestion_state values ('acme#2', 2,"
        f" '{_NOW.isoformat()}')",
    )
    for unread, read in (({1: 'a 500'}, [2]), ({2: 'a 502'}, [1])):
        found = Findings(unread=unread, read=read)
        alert_of_run(settings, warehouse, _NOW, found)
    assert webhook.texts == [['a 500'], ['a 502', 'resolved: a 500']]
    now = _NOW + timedelta(days=2)
    alert_of_status(settings, warehouse, now)
    assert len(webhook.texts[2]) == 2


def test_a_warehouse_without_companies_sends_an_alert_after_two_days(
    webhook: Webhook, warehouse: Warehouse
) -> None:
    settings = read_settings(
        {'ALERT_WEBHOOK_URL': webhook.url, 'COMPANIES': 'acme'}
    )
    now = datetime.now(UTC)
    for hours in (47, 49, 50):
        later = now + timedelta(hours=hours)
        alert_of_status(settings, warehouse, later)
    assert len(webhook.texts) == 1
    assert webhook.texts[0][0].startswith('no company has been tracked since')
    _track(warehouse.url, now)
    alert_of_status(settings, warehouse, now)
    assert webhook.texts[1] == [f'resolved: {webhook.texts[0][0]}']


def test_markup_of_slack_is_not_obeyed(
    settings: Settings, warehouse: Warehouse, webhook: Webhook
) -> None:
    alert(settings, warehouse, _NOW, '<!channel> & <http://x|here>', ())
    assert webhook.texts == [
        ['a run failed: &lt;!channel&gt; &amp; &lt;http://x|here&gt;']
    ]


def _trickle_body(connection: socket.socket) -> None:
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n')
    _trickle(connection)


def _trickle(connection: socket.socket) -> None:
    with suppress(OSError):
        while True:
            connection.sendall(b'X')
            time.sleep(0.5)


def _send_endlessly(connection: socket.socket) -> None:
    connection.sendall(b'HTTP/1.1 200 OK\r\n\r\n')
    with suppress(OSError):
        while True:
            connection.sendall(bytes(2**16))


@pytest.fixture
def hostile() -> Iterator[Callable[[Callable[[socket.socket], None]], str]]:
    """Serve one answer to every connection; return the URL."""
    with ExitStack() as stack:

        def serve(answer: Callable[[socket.socket], None]) -> str:
            listener = stack.enter_context(
                socket.create_server(('127.0.0.1', 0))
            )

            def accept() -> None:
                with suppress(OSError):
                    while True:
                        connection, _ = listener.accept()
                        threading.Thread(
                            target=answer_one, args=(connection,), daemon=True
                        ).start()

            def answer_one(connection: socket.socket) -> None:
                with connection:
                    connection.recv(2**16)
                    answer(connection)

            threading.Thread(target=accept, daemon=True).start()
            return f'http://127.0.0.1:{listener.getsockname()[1]}/secret'

        yield serve


@pytest.mark.parametrize('answer', [_trickle_body, _send_endlessly])
def test_a_body_of_the_webhook_is_not_read(
    warehouse: Warehouse,
    hostile: Callable[[Callable[[socket.socket], None]], str],
    answer: Callable[[socket.socket], None],
) -> None:
    settings = read_settings({'ALERT_WEBHOOK_URL': hostile(answer)})
    began = time.monotonic()
    alert(settings, warehouse, _NOW, 'no disk', ())
    assert time.monotonic() - began < 5


def test_a_webhook_that_trickles_does_not_hang_a_run(
    warehouse: Warehouse,
    hostile: Callable[[Callable[[socket.socket], None]], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(webhook_module, '_TRY_SECONDS', 1)
    settings = read_settings({'ALERT_WEBHOOK_URL': hostile(_trickle)})
    began = time.monotonic()
    with log_to_file(tmp_path / 'log'):
        alert(settings, warehouse, _NOW, 'no disk', ())
    assert time.monotonic() - began < 15
    message = 'ALERT_WEBHOOK_URL did not answer in 1 seconds'
    assert message in (tmp_path / 'log').read_text()


def test_a_refused_run_sends_an_alert(
    settings: Settings, warehouse: Warehouse, webhook: Webhook
) -> None:
    error = SettingsError('cannot lock x')
    alert_of_failure(settings, warehouse, _NOW, error)
    assert webhook.texts == [['a run was refused: cannot lock x']]


def test_two_skipped_runs_in_a_row_send_an_alert(
    settings: Settings, warehouse: Warehouse, webhook: Webhook
) -> None:
    blocked = RunInProgressError('another is going on')
    for error in (blocked, None, blocked, blocked, blocked, None):
        if error:
            alert_of_failure(settings, warehouse, _NOW, error)
        else:
            alert(settings, warehouse, _NOW, None, ())
    message = 'no run finishes: another is going on'
    assert webhook.texts == [[message], [f'resolved: {message}']]


def test_a_missing_run_sends_an_alert(
    settings: Settings, warehouse: Warehouse, webhook: Webhook
) -> None:
    _track(warehouse.url, _NOW)
    alert(settings, warehouse, _NOW, None, (_FELL,))
    for hours in (47, 48, 72):
        later = _NOW + timedelta(hours=hours)
        alert_of_status(settings, warehouse, later)
    earlier = _NOW - timedelta(days=1)
    alert_of_status(settings, warehouse, earlier)
    stale = 'acme was not read completely since 2026-03-10 02:00 UTC'
    ahead = 'the last run of acme is in the future: a clock is or was wrong'
    # findings of a run are neither sent again nor resolved
    assert webhook.texts[1:] == [[stale], [ahead, f'resolved: {stale}']]


def test_a_killed_run_sends_an_alert_until_the_next_run(
    settings: Settings, warehouse: Warehouse, webhook: Webhook
) -> None:
    warehouse.lock_file.parent.mkdir(exist_ok=True)
    warehouse.lock_file.write_text(
        'process 4242 since 2026-03-10 02:00:07 UTC\n'
    )
    alert_of_status(settings, warehouse, _NOW)
    with take_run_lock(warehouse):
        alert_of_status(settings, warehouse, _NOW)
    alert(settings, warehouse, _NOW, None, ())
    message = 'a run was killed: process 4242 since 2026-03-10 02:00:07 UTC'
    assert webhook.texts == [[message], [f'resolved: {message}']]


@pytest.fixture
def run(
    webhook: Webhook, tmp_path: Path
) -> Iterator[Callable[..., subprocess.CompletedProcess[str]]]:
    """A function that runs a command against a simulated GitHub."""
    world = World.generate(
        parse_accounts('acme:6'), today=datetime.now(UTC).date()
    )
    with Simulator(world, latency_seconds=0.2) as simulator:

        def command(
            *arguments: str, **settings: str
        ) -> subprocess.CompletedProcess[str]:
            given = {
                'GITHUB_API_URL': simulator.url,
                'GITHUB_TOKEN': 'simulated-token',
                'COMPANIES': 'acme',
                'ALERT_WEBHOOK_URL': webhook.url,
                'HOME': str(tmp_path),
                **settings,
            }
            return subprocess.run(
                [sys.executable, '-m', 'github_warehouse', *arguments],
                env=environment(**given),
                capture_output=True,
                text=True,
                timeout=60,
            )

        yield command


def test_every_unsuccessful_end_sends_an_alert(
    run: Callable[..., subprocess.CompletedProcess[str]],
    warehouse: Warehouse,
    webhook: Webhook,
) -> None:
    where = {'WAREHOUSE_URL': warehouse.url}
    partial = run('ingest', COMPANIES='acme,nosuch', **where)
    refused = run('ingest', 'globex', **where)
    assert (partial.returncode, refused.returncode) == (1, 2)
    assert run('ingest', **where).returncode == 0
    assert [text[0].partition(':')[0] for text in webhook.texts] == [
        'GitHub has no account nosuch',
        'a run was refused',
        'resolved',
    ]
    assert len(webhook.texts[2]) == 2


def test_invalid_settings_send_one_alert(
    run: Callable[..., subprocess.CompletedProcess[str]],
    warehouse: Warehouse,
    webhook: Webhook,
) -> None:
    where = {'WAREHOUSE_URL': warehouse.url}
    for _ in range(2):
        assert run('ingest', RETENTION_DAYS='x', **where).returncode == 2
    assert run('ingest', **where).returncode == 0
    message = (
        'the warehouse was not opened: '
        "RETENTION_DAYS must be a whole number: it is 'x'"
    )
    assert webhook.texts == [[message], [f'resolved: {message}']]
    digest = sha256(webhook.url.encode()).hexdigest()[:16]
    assert not (lock_folder() / f'{digest}.alerted').exists()


@pytest.fixture
def own_folder() -> Iterator[Path]:
    """A folder outside of pytest's, which another pytest makes private."""
    with tempfile.TemporaryDirectory(prefix='warehouse-test-') as folder:
        yield Path(folder)


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_a_signal_before_the_run_starts_sends_an_alert(
    webhook: Webhook,
    number: signal.Signals,
    run: Callable[..., subprocess.CompletedProcess[str]],
    own_folder: Path,
) -> None:
    """The signal arrives while another process starts the embedded server."""
    where = {'WAREHOUSE_DIR': str(own_folder / 'warehouse')}
    assert run('migrate', **where).returncode == 0
    with open(own_folder / 'warehouse' / 'start.lock', 'rb') as starting:
        fcntl.flock(starting, fcntl.LOCK_EX)
        with subprocess.Popen(
            [sys.executable, '-m', 'github_warehouse', 'ingest'],
            env=environment(ALERT_WEBHOOK_URL=webhook.url, **where),
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            while not _is_open(process.pid, 'start.lock'):
                time.sleep(0.05)
            process.send_signal(number)
            assert process.stderr is not None
            output = process.stderr.read().split('\n')
    if number == signal.SIGTERM:
        assert process.returncode == 128 + number
        assert output == ['github-warehouse: ended by SIGTERM', '']
    else:
        assert process.returncode == 130
        assert output == ['github-warehouse: ended by Ctrl-C', '']
    assert run('ingest', **where).returncode == 0
    message = 'the warehouse was not opened: interrupted by a signal'
    assert webhook.texts == [[message], [f'resolved: {message}']]


def _is_open(pid: int, name: str) -> bool:
    files = psutil.Process(pid).open_files()
    return any(Path(file.path).name == name for file in files)


@pytest.mark.parametrize('number', [signal.SIGKILL, signal.SIGTERM])
def test_the_next_run_sends_an_alert_for_a_killed_run(
    webhook: Webhook,
    warehouse: Warehouse,
    number: signal.Signals,
    run: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    where = {'WAREHOUSE_URL': warehouse.url}
    with Simulator(
        World.generate(parse_accounts('acme:6')), latency_seconds=30
    ) as slow:
        given = {
            'GITHUB_API_URL': slow.url,
            'GITHUB_TOKEN': 'simulated-token',
            'COMPANIES': 'acme',
            'ALERT_WEBHOOK_URL': webhook.url,
        }
        with subprocess.Popen(
            [sys.executable, '-m', 'github_warehouse', 'ingest'],
            env=environment(**given, **where),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stderr is not None
            next(line for line in process.stderr if 'II read GitHub' in line)
            process.send_signal(number)
            process.stderr.read()
    # its company is not tracked yet: nothing else is wrong
    assert run('status', '--alert', **where).returncode == 1
    assert run('status', '--alert', **where).returncode == 1
    assert run('ingest', **where).returncode == 0
    message = f'a run was killed: process {process.pid} since'
    assert [text[0][: len(message) + 10] for text in webhook.texts] == [
        webhook.texts[0][0][: len(message) + 10],
        f'resolved: {message}',
    ]
    assert webhook.texts[0][0].startswith(message)


def test_a_webhook_that_trickles_delays_another_alert_and_no_more(
    settings: Settings,
    warehouse: Warehouse,
    webhook: Webhook,
    hostile: Callable[[Callable[[socket.socket], None]], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The table of alerts is locked meanwhile."""
    monkeypatch.setattr(webhook_module, '_TRY_SECONDS', 1)
    stuck = read_settings({'ALERT_WEBHOOK_URL': hostile(_trickle)})
    first = threading.Thread(
        target=alert, args=(stuck, warehouse, _NOW, 'no disk', ())
    )
    first.start()
    time.sleep(0.5)
    alert(settings, warehouse, _NOW, None, (_FELL,))
    first.join()
    assert webhook.texts == [[f'an audit warns: {_FELL}']]


def test_a_failure_that_version_0_1_sent_is_not_sent_again(
    settings: Settings, warehouse: Warehouse, webhook: Webhook
) -> None:
    execute(
        warehouse.url, "insert into alerts values ('run', 'no disk', now())"
    )
    alert(settings, warehouse, _NOW, 'no disk still', ())
    assert webhook.texts == []
    alert(settings, warehouse, _NOW, None, ())
    assert webhook.texts == [['resolved: no disk']]


@pytest.mark.parametrize('arguments', [['ingest'], ['status', '--alert']])
def test_a_warehouse_that_cannot_be_opened_sends_an_alert(
    run: Callable[..., subprocess.CompletedProcess[str]],
    warehouse: Warehouse,
    webhook: Webhook,
    arguments: list[str],
) -> None:
    mark = '&' if '?' in warehouse.url else '?'
    for where, reason in (
        ({'WAREHOUSE_URL': f'{warehouse.url}{mark}nosuch=1'}, 'nosuch'),
        # a name that the system refuses
        ({'WAREHOUSE_DIR': 'x' * 300}, 'name too long'),
    ):
        webhook.texts.clear()
        for _ in range(2):
            done = run(*arguments, **where)
            assert done.returncode != 0
            assert reason in done.stderr
        assert len(webhook.texts) == 1
        assert reason in webhook.texts[0][0]
        assert run('ingest', WAREHOUSE_URL=warehouse.url).returncode == 0


def test_ctrl_c_ends_a_run_in_a_line_with_a_row_and_an_alert(
    webhook: Webhook,
    warehouse: Warehouse,
    run: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    world = World.generate(parse_accounts('acme:6'))
    with Simulator(world, latency_seconds=30) as slow:
        given = {
            'WAREHOUSE_URL': warehouse.url,
            'GITHUB_API_URL': slow.url,
            'GITHUB_TOKEN': 'simulated-token',
            'COMPANIES': 'acme',
            'ALERT_WEBHOOK_URL': webhook.url,
        }
        with subprocess.Popen(
            [sys.executable, '-m', 'github_warehouse', 'ingest'],
            env=environment(**given),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stderr is not None
            next(line for line in process.stderr if 'II read GitHub' in line)
            process.send_signal(signal.SIGINT)
            output = process.stderr.read().splitlines()
    assert process.returncode == 130
    assert output[-1] == 'github-warehouse: ended by Ctrl-C'
    assert 'Traceback' not in '\n'.join(output)
    with connect(warehouse) as connection:
        with transaction(connection) as cursor:
            cursor.execute('select status, error from pipeline_runs')
            assert cursor.fetchall() == [('failed', 'ended by Ctrl-C')]
    assert run('ingest', WAREHOUSE_URL=warehouse.url).returncode == 0
    message = 'a run failed: ended by Ctrl-C'
    assert webhook.texts == [[message], [f'resolved: {message}']]
