"""The command export: which rows, how much memory, and bad input."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli.conftest import Command, environment
from github_warehouse.warehouse.connection import connect
from github_warehouse.warehouse.exports import (
    Selection,
    export_csv,
    export_json,
    exportable,
)
from support import execute, warehouse_at

MIB = 1 << 20


@pytest.fixture
def settings(warehouse_url: str) -> dict[str, str]:
    """Settings of a warehouse with two companies and three days."""
    execute(
        warehouse_url,
        """
        insert into companies (company_id, company_name, account_type)
        values (1, 'Acme', 'Organization'), (2, 'ada', 'User');
        insert into ingestion_state (source, company_id)
        values ('acme-old', 1), ('ada', 2);
        insert into company_daily
        select company_id, date '2026-03-01' + n, 1, company_id * 100 + n, 0, 0
        from unnest('{1,2}'::bigint[]) as company_id
        cross join generate_series(0, 2) as n;
        """,
    )
    return {'WAREHOUSE_URL': warehouse_url}


@pytest.mark.usefixtures('each_schema')
def test_every_relation_is_exported_in_both_formats(
    settings: dict[str, str],
) -> None:
    with connect(warehouse_at(settings['WAREHOUSE_URL'])) as connection:
        for relation in exportable():
            as_csv, as_json = io.BytesIO(), io.BytesIO()
            export_csv(connection, Selection(relation), as_csv)
            export_json(connection, Selection(relation), as_json)
            lines = as_csv.getvalue().decode().splitlines()
            rows = [list(row) for row in csv.DictReader(lines)]
            assert rows == [
                list(json.loads(line))
                for line in as_json.getvalue().splitlines()
            ]
            if relation.startswith('company_da'):
                assert len(rows) == 6


@pytest.mark.parametrize(
    ('relation', 'arguments', 'expected'),
    [
        ('company_days', '', [100, 101, 102, 200, 201, 202]),
        ('company_days', '--since 2026-03-02', [101, 102, 201, 202]),
        ('company_days', '--until 2026-03-01', [100, 200]),
        (
            'company_days',
            '--since 2026-03-02 --until 2026-03-02',
            [101, 201],
        ),
        ('company_days', '--since 2026-04-01', []),
        ('company_days', '--company ACME', [100, 101, 102]),
        ('company_days', '--company acme-old', [100, 101, 102]),
        ('company_days', '--company x#2 --since 2026-03-03', [202]),
        ('company_daily', '--company ada', [200, 201, 202]),
        ('company_total_stars', '--company acme', [100, 101, 102]),
    ],
)
@pytest.mark.parametrize('file_format', ['csv', 'json'])
def test_rows_are_selected_by_day_and_company(
    command: Command,
    settings: dict[str, str],
    relation: str,
    arguments: str,
    expected: list[int],
    file_format: str,
) -> None:
    done = command(
        *('export', relation, *arguments.split(), '--format', file_format),
        **settings,
    )
    assert done.returncode == 0, done.stderr
    rows = (
        list(csv.DictReader(io.StringIO(done.stdout)))
        if file_format == 'csv'
        else [json.loads(line) for line in done.stdout.splitlines()]
    )
    column = 'total_stars' if 'total' in relation else 'stars'
    assert sorted(int(row[column]) for row in rows) == expected


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (
            'repository_day',
            'repository_day cannot be exported: did you mean'
            ' repository_days or repositories?',
        ),
        (
            'company_days --since 2026-03-02 --until 2026-03-01',
            '--since 2026-03-02 is after --until 2026-03-01',
        ),
        (
            'trending_repos --since 2026-03-02',
            '--since and --until do not work with trending_repos: it has no'
            ' column snapshot_date',
        ),
        (
            'runs --company acme',
            '--company does not work with runs: it has no column company_name',
        ),
        (
            'company_days --company nosuch',
            'the warehouse has no company nosuch: see `github-warehouse'
            ' companies` for those that it has',
        ),
        (
            'company_days --company a/b',
            "'a/b' is not a GitHub login: use LOGIN as in"
            ' https://github.com/LOGIN, which has only letters, digits and'
            ' hyphens',
        ),
    ],
)
def test_bad_input_is_one_clear_line(
    command: Command,
    settings: dict[str, str],
    arguments: str,
    message: str,
) -> None:
    done = command('export', *arguments.split(), **settings)
    assert (done.returncode, done.stdout) == (2, '')
    assert done.stderr.splitlines()[-1] == f'github-warehouse: {message}'


def test_a_day_that_does_not_exist_is_refused(command: Command) -> None:
    done = command('export', 'company_days', '--since', '2026-02-30')
    assert done.returncode == 2
    assert "'2026-02-30' is not a day, such as 2026-11-21" in done.stderr


def _fill(url: str, days: int) -> None:
    """Insert days of one company that are not in the fixture."""
    execute(
        url,
        "insert into company_daily select 1, date '2026-04-01' + n, 1, 1, 1, 1"
        f' from generate_series(1, {days}) as n',
    )


def _peak(settings: dict[str, str], file_format: str) -> int:
    """Return the peak memory of an export, in bytes."""
    process = subprocess.Popen(
        [
            *(sys.executable, '-m', 'github_warehouse', 'export'),
            *('company_days', '--format', file_format),
        ],
        env=environment(**settings),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_maxrss * (1 if sys.platform == 'darwin' else 1024)


@pytest.mark.parametrize(
    'rows', [100_000, pytest.param(2_000_000, marks=pytest.mark.long)]
)
def test_memory_does_not_grow_with_the_rows(
    settings: dict[str, str], rows: int
) -> None:
    before = {each: _peak(settings, each) for each in ('csv', 'json')}
    _fill(settings['WAREHOUSE_URL'], rows)
    for file_format, peak in before.items():
        assert _peak(settings, file_format) - peak < 6 * MIB


@pytest.mark.parametrize('file_format', ['csv', 'json'])
def test_a_large_export_into_head_ends_with_success(
    settings: dict[str, str], tmp_path: Path, file_format: str
) -> None:
    _fill(settings['WAREHOUSE_URL'], 500_000)
    done = subprocess.run(
        f'{sys.executable} -m github_warehouse export company_days'
        f' --format {file_format} | head -2; exit ${{PIPESTATUS[0]}}',
        shell=True,
        executable='/bin/bash',
        env=environment(**settings),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 2)
    assert len(done.stderr.splitlines()) == 1
