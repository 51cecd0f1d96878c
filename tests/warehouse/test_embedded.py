"""The embedded server runs only while a process uses it."""

import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from github_warehouse.errors import (
    DatabaseAwayError,
    DatabaseError,
    RunInProgressError,
    SettingsError,
    UsageError,
)
from github_warehouse.warehouse import embedded, file_locks
from github_warehouse.warehouse.embedded import delete_server, embedded_server
from support import open_database

_HOLD = """
import sys, time
from pathlib import Path
from github_warehouse.warehouse.embedded import embedded_server
with embedded_server(Path(sys.argv[1])):
    print('up', flush=True)
    sys.stdin.read()
"""

_LOCK = """
import fcntl, sys
with open(sys.argv[1]) as file:
    fcntl.flock(file, fcntl.LOCK_EX)
    print('held', flush=True)
    sys.stdin.read()
"""


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


def _name_of(holder: subprocess.Popen[str]) -> str:
    """Return how errors name the holder; only Linux knows its process."""
    if Path('/proc/locks').exists():
        return f'process {holder.pid}'
    return 'another process'


def _release(holder: subprocess.Popen[str]) -> None:
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


def _select_one(url: str) -> object:
    with closing(open_database(url)) as connection:
        with closing(connection.cursor()) as cursor:
            cursor.execute('select 1')
            return cursor.fetchone()


def test_nothing_is_left_running(folder: Path) -> None:
    with embedded_server(folder) as url:
        assert _select_one(url) == (1,)
    assert not _running(folder)


def test_a_killed_process_leaves_no_server(folder: Path) -> None:
    holder = _holder(folder)
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    assert _stops(folder)
    with embedded_server(folder) as url:
        assert _select_one(url) == (1,)


def test_a_shared_server_stops_with_its_last_user(folder: Path) -> None:
    holder = _holder(folder)
    with embedded_server(folder) as url:
        _release(holder)
        assert _select_one(url) == (1,)
    assert _stops(folder)


def test_a_reused_pid_is_not_a_server(folder: Path) -> None:
    with embedded_server(folder):
        pass
    (folder / 'postgres' / 'postmaster.pid').write_text(
        f'{psutil.Process().pid}\n{folder}/postgres\n0\n5432\n'
        f'{folder}/postgres\n\n0 0\nready\n'
    )
    with embedded_server(folder) as url:
        assert _select_one(url) == (1,)


def test_a_pid_of_another_postgresql_is_not_our_server(
    folder: Path,
) -> None:
    with embedded_server(folder / 'stale'):
        pass
    with embedded_server(folder / 'other') as other:
        process_file = Path('postgres') / 'postmaster.pid'
        number = (folder / 'other' / process_file).read_text()
        (folder / 'stale' / process_file).write_text(number)
        (folder / 'stale' / 'postgres' / '.s.PGSQL.5432.lock').write_text(
            number
        )
        with embedded_server(folder / 'stale') as url:
            assert url != other
            assert _select_one(url) == (1,)
        assert _select_one(other) == (1,)


def test_an_impossible_folder_is_a_settings_error(
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
        with pytest.raises(
            RunInProgressError, match=f'is in use by {_name_of(holder)}: end'
        ):
            delete_server(folder)
        _release(holder)


@pytest.mark.parametrize(
    ('name', 'doing'),
    [('start.lock', 'is starting'), ('in-use.lock', 'is stopping')],
)
def test_a_lock_never_released_times_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, doing: str
) -> None:
    monkeypatch.setattr(file_locks, 'LOCK_SECONDS', 0.2)
    with embedded_server(folder):
        pass
    with subprocess.Popen(
        [sys.executable, '-c', _LOCK, str(folder / name)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == 'held\n'
        with pytest.raises(
            DatabaseAwayError, match=f'^{_name_of(holder)} {doing} '
        ):
            with embedded_server(folder):
                pass
        holder.communicate('')
    with embedded_server(folder) as url:
        assert _select_one(url) == (1,)


@pytest.mark.parametrize(
    'name', ['with space', "it's", 'naïve', 'a,b', 'x' * 120]
)
def test_a_folder_name_may_contain_special_characters(
    folder: Path, name: str
) -> None:
    with embedded_server(folder / name) as url:
        assert _select_one(url) == (1,)


def test_a_folder_name_with_shell_expansion_is_refused(folder: Path) -> None:
    for name in ('$HOME', 'a"b', '`id`', 'a\\b'):
        with pytest.raises(SettingsError, match='WAREHOUSE_DIR'):
            with embedded_server(folder / name):
                pass
    assert list(folder.iterdir()) == []


def test_a_missing_locale_is_ignored(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('LC_ALL', 'xx_XX.UTF-8')
    with embedded_server(folder) as url:
        assert _select_one(url) == (1,)


def test_a_lock_of_another_account_blocks_no_server(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wheel has one lock per host, in a folder writable by all."""
    opened = []
    original = open

    def watched(path: object, *args: object, **kwargs: object) -> object:
        opened.append(str(path))
        return original(path, *args, **kwargs)  # type: ignore[call-overload]

    monkeypatch.setattr('builtins.open', watched)
    with embedded_server(folder):
        pass
    assert [path for path in opened if path.endswith('/.lockfile')] == []


def test_an_interrupted_deletion_is_completed(
    folder: Path,
) -> None:
    target = folder / 'demo'
    with embedded_server(target):
        pass
    embedded._delete_contents(target)
    assert [path.name for path in target.iterdir()] == ['in-use.lock']
    delete_server(target)
    assert not target.exists()


def test_a_failed_server_start_is_explained(folder: Path) -> None:
    with embedded_server(folder):
        pass
    settings = folder / 'postgres' / 'postgresql.conf'
    settings.write_text('no_such_setting = 1\n')
    with pytest.raises(DatabaseError, match='no_such_setting|FATAL'):
        with embedded_server(folder):
            pass


def test_only_a_warehouse_folder_is_deleted(folder: Path) -> None:
    (folder / 'file').touch()
    with pytest.raises(UsageError):
        delete_server(folder)
    delete_server(folder / 'absent')
    assert (folder / 'file').exists()


def test_a_server_that_does_not_start_does_not_quote_an_old_error(
    tmp_path: Path,
) -> None:
    folder = tmp_path / 'warehouse'
    with embedded_server(folder):
        pass
    with open(folder / 'postgres' / 'log', 'a') as log:
        log.write('FATAL:  of an earlier server\n')
    (folder / 'postgres' / 'pg_ident.conf.new').mkdir()
    with pytest.raises(DatabaseAwayError, match='does not start') as refused:
        with embedded_server(folder):
            pass
    assert 'an earlier server' not in str(refused.value)
    assert 'pg_ident.conf.new' in str(refused.value)
