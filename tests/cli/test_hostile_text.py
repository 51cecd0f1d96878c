"""Control characters in names from GitHub never reach a terminal."""

import io
import json
import re

import pytest
from rich.console import Console

from cli.conftest import Command
from github_simulator import Simulator, faults
from github_warehouse.errors import WarehouseError
from github_warehouse.printable import printable
from github_warehouse.terminal import Column, FetchProgress, print_table
from support import execute

# sets the title, clears the screen, reverses the text
HOSTILE = 'ac\x1b]0;owned\x07me\x1b[2J\x9b31m\u202e\x7f[red]'
SHOWN = r'ac\u001b]0;owned\u0007me\u001b[2J\u009b31m\u202e\u007f[red]'
_CONTROL_CHARACTERS = re.compile(
    '[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]'
)


@pytest.mark.parametrize(
    ('text', 'shown'),
    [
        (HOSTILE, SHOWN),
        ('two\nlines\r\tof\u2028it', r'two\u000alines\u000d\u0009of\u2028it'),
        ('\x00\ud800', r'\u0000\ud800'),
        ('\u2066a\u2069', r'\u2066a\u2069'),
        ('Jülich 日本語 \u05e9\u05dc\u05d5\u05dd 👩\u200d💻', None),
        (r'C:\new', None),
    ],
)
def test_control_characters_are_escaped(text: str, shown: str | None) -> None:
    assert printable(text) == (text if shown is None else shown)


@pytest.fixture
def settings(
    command: Command, simulator: Simulator, warehouse_url: str
) -> dict[str, str]:
    """Settings of a warehouse whose companies have hostile names."""
    given = {
        'WAREHOUSE_URL': warehouse_url,
        'GITHUB_API_URL': simulator.url,
        'GITHUB_TOKEN': 'simulated-token',
    }
    done = command(
        'ingest', '--as-of', '2026-03-01', **given, COMPANIES='acme,ada'
    )
    assert done.returncode == 0, done.stderr
    execute(
        warehouse_url,
        f"update companies set company_name = E'{HOSTILE}'"
        " where company_name = 'acme'",
    )
    execute(
        warehouse_url,
        f"update repos set name = E'{HOSTILE}', full_name = E'{HOSTILE}'",
    )
    return given


@pytest.mark.parametrize(
    'arguments',
    [
        'companies',
        'companies --json',
        'status --max-age 1',
        'status --json',
        'audit',
        'audit --json',
        'export current_repo_metrics',
        'export current_repo_metrics --format json',
        "psql -c",
    ],
)
def test_no_command_prints_control_characters(
    command: Command, settings: dict[str, str], arguments: str
) -> None:
    # so that an audit prints a name
    execute(
        settings['WAREHOUSE_URL'],
        'delete from repo_snapshots'
        ' where repo_id = (select min(repo_id) from repo_snapshots)',
    )
    more = ['table repos'] if arguments.startswith('psql') else []
    done = command(*arguments.split(), *more, **settings, COLUMNS='300')
    output = done.stdout + done.stderr
    assert '0;owned' in output
    # psql escapes what it prints itself, except bidirectional marks
    output = output.replace('\u202e', '') if more else output
    assert _CONTROL_CHARACTERS.findall(output) == []


def test_a_json_export_equals_the_stored_values(
    command: Command, settings: dict[str, str]
) -> None:
    done = command(
        *('export', 'current_repo_metrics', '--format', 'json'), **settings
    )
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert {row['repo_name'] for row in rows} == {HOSTILE}


@pytest.mark.parametrize('log_format', ['console', 'json'])
def test_a_hostile_error_message_is_logged_as_text(
    command: Command,
    simulator: Simulator,
    settings: dict[str, str],
    log_format: str,
) -> None:
    simulator.faults.add(faults.refused(403, f'{HOSTILE}\nforged line'))
    done = command(
        *('ingest', '--as-of', '2026-03-02'), **settings, LOG_FORMAT=log_format
    )
    assert done.returncode == 1
    assert '0;owned' in done.stderr
    assert _CONTROL_CHARACTERS.findall(done.stdout + done.stderr) == []
    assert not re.search('^forged', done.stderr, re.M)
    if log_format == 'json':
        for line in done.stderr.splitlines():
            if line.startswith('{'):
                json.loads(line)


def test_an_error_is_printed_on_one_line() -> None:
    assert str(WarehouseError(f'{HOSTILE}\n')) == rf'{SHOWN}\u000a'


def test_tables_and_progress_escape_control_characters(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = io.StringIO()
    print_table(
        Console(file=file, width=200), 'title', [Column('a')], [(HOSTILE,)]
    )
    assert SHOWN in file.getvalue()
    monkeypatch.setenv('FORCE_COLOR', '1')
    monkeypatch.setenv('COLUMNS', '200')
    with FetchProgress() as progress:
        progress.advance(HOSTILE, 3)
    drawn = capsys.readouterr().err
    assert SHOWN in drawn
    assert HOSTILE[:5] not in drawn
