"""The demo, run to the end, and killed halfway."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from cli.conftest import Command, environment

_DAYS = 'select count(distinct snapshot_date) from repo_snapshots'


def _processes_of(folder: Path) -> list[str]:
    return [
        ' '.join(process.info['cmdline'])
        for process in psutil.process_iter(['cmdline'])
        if any(str(folder) in word for word in process.info['cmdline'] or ())
    ]


def _wait_until_nothing_runs(folder: Path) -> None:
    deadline = time.monotonic() + 20
    while _processes_of(folder) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert _processes_of(folder) == []


def test_a_killed_demo_can_be_started_again(
    command: Command, tmp_path: Path
) -> None:
    """It is killed when the log of the ingest has two days."""
    log = tmp_path / '.demo' / 'demo.log'
    demo = subprocess.Popen(
        [sys.executable, '-m', 'github_warehouse', 'demo'],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if log.exists() and log.read_text().count("'II write'") > 3:
            break
        time.sleep(0.05)
    demo.send_signal(signal.SIGKILL)
    demo.wait()
    again = command('demo')
    assert again.returncode == 0, again.stderr
    assert again.stdout.count('acme-robotics') >= 2
    assert 'All of it is simulated' in again.stdout
    assert again.stderr == ''
    page = (tmp_path / '.demo' / 'report.html').read_text('utf-8')
    assert str(tmp_path) not in page and 'acme-robotics' in page
    assert [path.name for path in tmp_path.iterdir()] == ['.demo']
    _wait_until_nothing_runs(tmp_path)


def test_a_folder_with_other_files_is_left_alone(
    command: Command, tmp_path: Path
) -> None:
    (tmp_path / '.demo').mkdir()
    (tmp_path / '.demo' / 'thesis.txt').write_text('irreplaceable')
    done = command('demo')
    assert done.returncode == 2
    assert 'delete or rename it first' in done.stderr
    assert (tmp_path / '.demo' / 'thesis.txt').exists()
