"""`migrate` and `ingest`, as a user runs them."""

import json
from pathlib import Path

from cli.conftest import Command
from github_simulator import Simulator


def test_migrate_and_ingest_fill_an_embedded_warehouse(
    command: Command, simulator: Simulator, tmp_path: Path
) -> None:
    settings = {
        'CI': 'true',
        'WAREHOUSE_DIR': 'here',
        'GITHUB_API_URL': simulator.url,
        'GITHUB_TOKEN': 'simulated-token',
        'COMPANIES': 'ACME ada',
        'LOG_FORMAT': 'json',
    }
    migrated = command('migrate', **settings)
    assert migrated.returncode == 0, migrated.stderr
    assert migrated.stdout.startswith(
        'warehouse: embedded PostgreSQL in here\napplied 0001.dimensions\n'
    )
    ingested = command('ingest', '--as-of', '2026-03-01T12:00:00Z', **settings)
    assert ingested.returncode == 0, ingested.stderr
    public = sum(r.is_public for r in simulator.world.repositories.values())
    summary = ingested.stdout.splitlines()[-1]
    assert summary.startswith(
        f'2026-03-01: 2 companies; {public} snapshots fresh, 0 carried'
    )
    lines = [json.loads(line) for line in ingested.stderr.splitlines()]
    assert [line.get('phase', line['event']) for line in lines] == [
        *('I read state',) * 2,
        'II read GitHub',
        'company read',
        'company read',
        'II read GitHub',
        *('II write',) * 2,
        'run ends',
    ]
    # every log line has the run's number once it is assigned
    assert [line.get('run') for line in lines] == [None, None, *[1] * 7]
    assert lines[-1]['fresh'] == public
    assert {line['company']: line['status'] for line in lines[3:5]} == {
        login: 'succeeded' for login in ('acme', 'ada')
    }
    assert 'simulated-token' not in ingested.stderr + ingested.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ['here']


def test_an_unreadable_company_is_named(
    command: Command, simulator: Simulator, warehouse_url: str
) -> None:
    settings = {
        'WAREHOUSE_URL': warehouse_url,
        'GITHUB_API_URL': simulator.url,
        'GITHUB_TOKEN': 'simulated-token',
        'COMPANIES': 'acme,ada',
    }
    command('ingest', '--as-of', '2026-03-01', **settings)
    world = simulator.world
    world.remove_account(
        next(a.id for a in world.accounts.values() if a.login == 'ada')
    )
    done = command('ingest', '--as-of', '2026-03-02', **settings)
    assert done.returncode == 1
    assert 'ada: ada no longer exists on GitHub' in done.stderr
    assert 'Traceback' not in done.stderr
    assert ' carried forward' in done.stdout


def test_version_is_printed(command: Command) -> None:
    done = command('--version')
    assert done.stdout.startswith('github-warehouse, version 0.')
