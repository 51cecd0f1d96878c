"""Help, suggestions, completion and progress on the command line."""

import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from github_simulator import Simulator
from github_warehouse.cli import cli

from .conftest import Command, environment


def _commands(
    group: click.Group = cli, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from _commands(command, (*path, name))


@pytest.mark.parametrize(
    'path', [path for path, _ in _commands()], ids=' '.join
)
def test_help_has_an_example_and_fits_the_width(path: tuple[str, ...]) -> None:
    command = dict(_commands())[path]
    with click.Context(command, info_name=' '.join(path)) as context:
        shown = command.get_help(context)
    assert re.search(r'Examples?:\n +\S', shown), shown
    assert max(map(len, shown.splitlines())) <= 80


@pytest.mark.parametrize(
    ('arguments', 'expected'),
    [
        (('ingets',), "Did you mean 'ingest'?"),
        (('ingest', '--ful'), "Did you mean '--full'?"),
        (('dashboards', 'pubish'), "Did you mean 'publish'?"),
        (('export', 'trending'), 'did you mean trending_repos?'),
        (('ingest', '--source', 'grafql'), "'graphql'"),
    ],
)
def test_a_typo_gets_a_suggestion(
    command: Command, arguments: tuple[str, ...], expected: str
) -> None:
    done = command(*arguments)
    assert done.returncode == 2
    assert expected in done.stderr


def test_commands_options_and_views_are_completed(tmp_path: Path) -> None:
    for typed, expected in (
        ('github-warehouse ing', 'ingest'),
        ('github-warehouse ingest --fu', '--full'),
        ('github-warehouse export tren', 'trending_repos'),
    ):
        done = subprocess.run(
            [Path(sys.executable).with_name('github-warehouse')],
            env=environment(
                _GITHUB_WAREHOUSE_COMPLETE='bash_complete',
                COMP_WORDS=typed,
                COMP_CWORD=str(len(typed.split()) - 1),
            ),
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert done.stdout.splitlines() == [f'plain,{expected}']


def _on_a_terminal(folder: Path, *arguments: str, **settings: str) -> str:
    ours, its = pty.openpty()
    with subprocess.Popen(
        [sys.executable, '-m', 'github_warehouse', *arguments],
        env=environment(TERM='xterm', COLUMNS='100', **settings),
        cwd=folder,
        stdin=its,
        stdout=its,
        stderr=its,
    ):
        os.close(its)
        shown = b''
        while True:
            try:
                read = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            if not read:
                break
            shown += read
    os.close(ours)
    return shown.decode()


def test_progress_is_shown_only_on_a_terminal(
    command: Command,
    tmp_path: Path,
    simulator: Simulator,
    warehouse_url: str,
) -> None:
    settings = {
        'WAREHOUSE_URL': warehouse_url,
        'GITHUB_API_URL': simulator.url,
        'GITHUB_TOKEN': 'simulated-token',
        'COMPANIES': 'acme,ada',
    }
    time = ('--as-of', '2026-03-01T02:00:00Z')
    shown = _on_a_terminal(tmp_path, 'ingest', *time, **settings)
    assert re.search(r'\d+ of \d+ repositories', shown)
    assert '\x1b[' in shown
    piped = command('ingest', *time, **settings)
    assert piped.returncode == 0
    assert '\x1b' not in piped.stdout + piped.stderr
    assert ' repositories,' not in piped.stderr


def test_audit_output_can_be_parsed_by_a_script(
    command: Command, warehouse_url: str
) -> None:
    done = command('audit', '--json', WAREHOUSE_URL=warehouse_url)
    assert (done.returncode, done.stdout) == (0, '[]\n')
