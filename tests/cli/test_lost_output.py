"""Output that cannot be written costs no day, and no traceback."""

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from cli.conftest import environment
from github_simulator import Simulator
from support import execute, open_database

_LOST = [
    '| true',
    '>/dev/full',
    '>&-',
    '2>&-',
    '2>/dev/full',
    '2> >(true)',
    '<&- >&- 2>&-',
]


@pytest.fixture
def settings(warehouse_url: str, simulator: Simulator) -> dict[str, str]:
    return {
        'WAREHOUSE_URL': warehouse_url,
        'GITHUB_API_URL': simulator.url,
        'GITHUB_TOKEN': 'simulated-token',
        'COMPANIES': 'acme,ada',
    }


def _shell(
    line: str, settings: dict[str, str], folder: Path
) -> subprocess.CompletedProcess[bytes]:
    command = f'{sys.executable} -m github_warehouse'
    return subprocess.run(
        f'{command} {line}; exit ${{PIPESTATUS[0]}}',
        shell=True,
        executable='/bin/bash',
        env=environment(**settings),
        cwd=folder,
        capture_output=True,
        timeout=60,
    )


def _count(url: str, table: str) -> int:
    with closing(open_database(url)) as connection:
        with closing(connection.cursor()) as cursor:
            cursor.execute(f'select count(*) from {table}')
            (rows,) = cursor.fetchone() or (0,)
            return int(rows)


@pytest.mark.parametrize('lost', _LOST)
def test_output_that_is_lost_costs_no_day(
    settings: dict[str, str], tmp_path: Path, lost: str
) -> None:
    at = '--as-of 2026-03-01T12:00:00Z'
    done = _shell(f'ingest {at} {lost}', settings, tmp_path)
    assert (done.returncode, b'Traceback' in done.stderr) == (0, False)
    assert _count(settings['WAREHOUSE_URL'], 'repo_snapshots') > 0
    partial = settings | {'COMPANIES': 'acme,ada,nosuch'}
    assert _shell(f'ingest {at} {lost}', partial, tmp_path).returncode == 1


@pytest.mark.parametrize('lost', _LOST)
def test_output_that_is_lost_costs_no_migration(
    settings: dict[str, str], tmp_path: Path, lost: str
) -> None:
    url = settings['WAREHOUSE_URL']
    execute(url, 'drop view trending_repos')
    done = _shell(f'migrate {lost}', settings, tmp_path)
    assert (done.returncode, b'Traceback' in done.stderr) == (0, False)
    assert _count(url, 'trending_repos') == 0


@pytest.mark.parametrize('lost', ['>/dev/full', '>&-'])
@pytest.mark.parametrize(
    'arguments',
    ['export company_daily', 'export company_daily --format json']
    + ['status', 'companies --json', '--help'],
)
def test_a_question_whose_answer_is_lost_fails_in_one_line(
    settings: dict[str, str], tmp_path: Path, arguments: str, lost: str
) -> None:
    execute(
        settings['WAREHOUSE_URL'],
        'insert into companies (company_id, company_name, account_type)'
        " values (1, 'many', 'User');"
        "insert into company_daily select 1, date '1900-01-01' + n, 1, 1, 1, 1"
        ' from generate_series(1, 400) as n',
    )
    done = _shell(f'{arguments} {lost}', settings, tmp_path)
    said = [
        line
        for line in done.stderr.decode().splitlines()
        if not line.startswith('warehouse: ')
    ]
    assert (done.returncode, len(said)) == (1, 1)
    assert said[0].startswith('github-warehouse: operating system error: ')


@pytest.mark.parametrize('lost', ['2>&-', '2>/dev/full'])
def test_messages_that_are_lost_cost_no_answer(
    settings: dict[str, str], tmp_path: Path, lost: str
) -> None:
    done = _shell(f'companies --json {lost}', settings, tmp_path)
    assert (done.returncode, json.loads(done.stdout)) == (0, [])


def test_json_is_utf_8_whatever_the_terminal_has(
    settings: dict[str, str], tmp_path: Path
) -> None:
    execute(
        settings['WAREHOUSE_URL'],
        'insert into companies (company_id, company_name, account_type)'
        " values (1, 'ümlaut', 'User');"
        "insert into ingestion_state (source, company_id) values ('ü', 1)",
    )
    export = 'export data_freshness --format json'
    ascii_only = settings | {'PYTHONIOENCODING': 'ascii'}
    whole = _shell(export, settings, tmp_path)
    assert 'ümlaut' in whole.stdout.decode()
    assert _shell(export, ascii_only, tmp_path).stdout == whole.stdout
