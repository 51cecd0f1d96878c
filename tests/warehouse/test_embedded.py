"""The embedded server runs only while somebody needs it."""

import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import psycopg2
import pytest

from github_warehouse.errors import (
    RunInProgressError,
    SettingsError,
    UsageError,
)
from github_warehouse.warehouse import embedded
from github_warehouse.warehouse.embedded import delete_server, embedded_server

_HOLD = """
import sys, time
from pathlib import Path
from github_warehouse.warehouse.embedded import embedded_server
with embedded_server(Path(sys.argv[1])):
    print('up', flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the server's own user may enter."""
    with tempfile.TemporaryDirectory(prefix='warehouse-test-') as path:
        yield Path(path)


def _holder(folder: Path) -> subprocess.Popen[str]:
    holder = subprocess.Popen(
        [sys.executable, '-c', _HOLD, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == 'up\n'
    return holder


def _end(holder: subprocess.Popen[str]) -> None:
    holder.communicate('')
    holder.wait()


def _running(folder: Path) -> bool:
    return any(
        str(folder) in ' '.join(process.info['cmdline'] or ())
        for process in psutil.process_iter(['cmdline'])
        if process.pid != psutil.Process().pid
    )


def _stops(folder: Path) -> bool:
    deadline = time.monotonic() + 20
    while _running(folder) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not _running(folder)


def _number(url: str) -> object:
    with closing(psycopg2.connect(url)) as connection:
        with closing(connection.cursor()) as cursor:
            cursor.execute('select 1')
            return cursor.fetchone()


def test_nothing_is_left_running(folder: Path) -> None:
    with embedded_server(folder) as url:
        assert _number(url) == (1,)
    assert not _running(folder)


def test_a_killed_process_leaves_no_server(folder: Path) -> None:
    holder = _holder(folder)
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    assert _stops(folder)
    with embedded_server(folder) as url:
        assert _number(url) == (1,)


def test_a_server_is_shared_and_the_last_one_stops_it(folder: Path) -> None:
    holder = _holder(folder)
    with embedded_server(folder) as url:
        _end(holder)
        assert _number(url) == (1,)
    assert _stops(folder)


def test_a_pid_that_is_somebody_elses_now_is_no_server(folder: Path) -> None:
    with embedded_server(folder):
        pass
    (folder / 'postgres' / 'postmaster.pid').write_text(
        f'{psutil.Process().pid}\n{folder}/postgres\n0\n5432\n'
        f'{folder}/postgres\n\n0 0\nready\n'
    )
    with embedded_server(folder) as url:
        assert _number(url) == (1,)


def test_a_folder_that_cannot_be_made_is_a_mistake_in_settings(
    folder: Path,
) -> None:
    (folder / 'file').touch()
    with pytest.raises(SettingsError, match='WAREHOUSE_DIR'):
        with embedded_server(folder / 'file' / 'below'):
            pass


def test_a_folder_in_use_is_not_deleted(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, '_STOP_TRIES', 2)
    with embedded_server(folder):
        holder = _holder(folder)
        with pytest.raises(RunInProgressError):
            delete_server(folder)
        _end(holder)


def test_only_a_folder_of_ours_is_deleted(folder: Path) -> None:
    with pytest.raises(UsageError):
        delete_server(folder)
    delete_server(folder / 'absent')
    assert folder.exists()
