"""Alerts go to a real server: once, and once more when it is over."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from github_warehouse.alerts import alert
from github_warehouse.config import Settings, read_settings
from github_warehouse.logs import log_to_file
from github_warehouse.warehouse.connection import Warehouse
from support import execute, warehouse_at

_NOW = datetime(2026, 3, 10, 2, tzinfo=UTC)
_FELL = 'stars_fell: 1 rows, as company_name acme'


@dataclass
class Webhook:
    """A server that keeps what it is told.

    Attributes:
        url: where it is; ends in a secret.
        texts: what it was told, without the title.
        status: what it answers with.
    """

    url: str
    texts: list[list[str]] = field(default_factory=list)
    status: int = 200


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers['Content-Length']))
            if told.status == 200:
                told.texts.append(json.loads(body)['text'].splitlines()[1:])
            self.send_response(told.status)
            self.end_headers()

        def log_message(self, *arguments: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(('127.0.0.1', 0), Handler) as server:
        told = Webhook(f'http://127.0.0.1:{server.server_port}/se/cret-part')
        threading.Thread(target=server.serve_forever).start()
        yield told
        server.shutdown()


@pytest.fixture
def settings(webhook: Webhook) -> Settings:
    return read_settings({'ALERT_WEBHOOK_URL': webhook.url})


@pytest.fixture
def warehouse(warehouse_url: str) -> Iterator[Warehouse]:
    found = warehouse_at(warehouse_url)
    yield found
    found.lock_file.with_suffix('.alerted').unlink(missing_ok=True)


def _track(url: str, last_run: datetime | None) -> None:
    moment = 'null' if last_run is None else f"'{last_run.isoformat()}'"
    execute(
        url,
        "insert into companies values (1, 'acme', 'Organization');"
        f" insert into ingestion_state values ('acme', 1, {moment})",
    )


def test_a_run_that_fails_is_told_once_and_once_when_it_is_over(
    settings: Settings, warehouse: Warehouse, webhook: Webhook
) -> None:
    for failure in ('no disk', 'no disk', 'no disk still', None, None):
        alert(settings, warehouse, _NOW, failure, ())
    assert webhook.texts == [
        ['a run failed: no disk'],
        ['over: a run failed: no disk'],
    ]


def test_a_warning_is_told_until_a_run_is_without_it(
    settings: Settings, warehouse: Warehouse, webhook: Webhook
) -> None:
    for warnings in ((_FELL,), (_FELL,), ()):
        alert(settings, warehouse, _NOW, None, warnings)
    assert webhook.texts == [
        [f'an audit warns: {_FELL}'],
        [f'over: an audit warns: {_FELL}'],
    ]


def test_a_run_that_wrote_nothing_ends_no_warning(
    settings: Settings, warehouse: Warehouse, webhook: Webhook
) -> None:
    alert(settings, warehouse, _NOW, None, (_FELL,))
    alert(settings, warehouse, _NOW, 'no disk', ())
    alert(settings, warehouse, _NOW, None, (_FELL,))
    assert webhook.texts[1:] == [
        ['a run failed: no disk'],
        ['over: a run failed: no disk'],
    ]


def test_a_company_is_stale_after_two_days(
    settings: Settings, warehouse: Warehouse, webhook: Webhook
) -> None:
    _track(warehouse.url, _NOW)
    for hours in (47, 48, 72):
        now = _NOW + timedelta(hours=hours)
        # the audit of the same is not told beside it
        alert(settings, warehouse, now, None, ('stale_companies: 1 rows',))
    execute(
        warehouse.url,
        f"update ingestion_state set last_run = '{now.isoformat()}'",
    )
    alert(settings, warehouse, now, None, ())
    told = 'acme was not read whole since 2026-03-10 02:00 UTC'
    assert webhook.texts == [[told], [f'over: {told}']]


def test_a_company_that_was_never_read_counts_from_the_first_try(
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
        ['acme was not read whole since 2026-03-08 00:00 UTC']
    ]


def test_what_was_not_taken_is_told_the_next_time(
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
    said = (tmp_path / 'log').read_text()
    assert 'ALERT_WEBHOOK_URL answered 500' in said
    assert 'cret-part' not in said


def test_a_warehouse_that_is_away_is_told_once(
    settings: Settings, warehouse: Warehouse, webhook: Webhook
) -> None:
    away = Warehouse(
        'postgresql://nobody@127.0.0.1:9/nothing',
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
    assert webhook.texts[1:] == [['over: the warehouse was away']]


def test_without_an_address_nothing_is_told(
    warehouse: Warehouse, webhook: Webhook
) -> None:
    alert(read_settings({}), warehouse, _NOW, 'no disk', ())
    assert webhook.texts == []
