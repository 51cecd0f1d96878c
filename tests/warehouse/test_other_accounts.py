"""What another account of the same computer can reach: nothing."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil
import psycopg2
import pytest

import github_warehouse
from github_warehouse.errors import SettingsError
from github_warehouse.warehouse.embedded import embedded_server, psql_path
from github_warehouse.warehouse.private import lock_folder
from github_warehouse.warehouse.server_account import (
    let_pass,
    let_read_programs,
    server_account,
)

SECRET = 'ghp_0123456789abcdefghijABCDEFGHIJ012345'
LENGTHS = pytest.mark.parametrize('name', ['short', 'x' * 120])
AS_ROOT = pytest.mark.skipif(
    os.geteuid() != 0, reason='not root: cannot act as another account'
)
_PACKAGES = os.pathsep.join(
    str(Path(package.__file__).parents[1])
    for package in (github_warehouse, psycopg2)
    if package.__file__
)
_HOLD = """
import sys
from pathlib import Path
from github_warehouse.warehouse.embedded import embedded_server
with embedded_server(Path(sys.argv[1])) as url:
    print(url, flush=True)
    sys.stdin.read()
"""
_NAME_THE_LOCK_FOLDER = """
import os, sys
from github_warehouse.warehouse.private import lock_folder
if sys.argv[1:]:
    os.setuid(int(sys.argv[1]))
print(lock_folder())
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that all may enter: what is in it protects itself."""
    with tempfile.TemporaryDirectory(prefix='warehouse-test-') as path:
        os.chmod(path, 0o755)
        yield Path(path)


@contextmanager
def _server(
    directory: Path, account: str = '', python: str = sys.executable
) -> Iterator[Path]:
    """Run a server, as another account where one is named; its sockets."""
    user = {'user': account, 'group': 'nogroup', 'extra_groups': ()}
    with subprocess.Popen(
        [python, '-c', _HOLD, str(directory)],
        env={
            **os.environ,
            'PYTHONPATH': _PACKAGES,
            'GITHUB_TOKEN': SECRET,
            'WAREHOUSE_PASSWORD': SECRET,
            'ALERT_WEBHOOK_URL': SECRET,
            'ANY_OTHER_NAME': SECRET,
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        **user if account else {},  # type: ignore[call-overload]
    ) as holder:
        url = holder.stdout.readline().strip()
        assert url.startswith('postgresql:')
        yield Path(parse_qs(urlsplit(url).query)['host'][0])
        holder.communicate('')


def _as_nobody(*command: str | Path) -> subprocess.CompletedProcess[str]:
    nobody = pwd.getpwnam('nobody')
    return subprocess.run(
        command,
        user=nobody.pw_uid,
        group=nobody.pw_gid,
        extra_groups=(),
        cwd='/',
        capture_output=True,
        text=True,
        timeout=30,
    )


def _asks(sockets: Path) -> tuple[str | Path, ...]:
    return (psql_path(), '-h', sockets, '-U', 'postgres', '-tAc', 'select 1')


def _mode(path: Path) -> int:
    return path.lstat().st_mode & 0o777


def _python_for(account: str) -> str:
    """Find this Python where another account may run it, too."""
    version = f'{sys.version_info[0]}.{sys.version_info[1]}'
    for python in (sys.executable, f'/usr/bin/python{version}'):
        done = subprocess.run(
            ['test', '-x', python], user=account, extra_groups=()
        )
        if done.returncode == 0:
            return python
    pytest.skip(f'there is no Python {version} that {account} may run')


@AS_ROOT
@LENGTHS
@pytest.mark.parametrize('owner', ['', 'daemon'])
def test_another_account_reaches_nothing(
    folder: Path, name: str, owner: str
) -> None:
    directory = folder / name
    python = _python_for(owner) if owner else sys.executable
    if owner:
        shutil.chown(folder, owner)
    with _server(directory, owner, python) as sockets:
        private = [
            *directory.iterdir(),
            directory / 'postgres' / 'PG_VERSION',
            directory / 'postgres' / 'log',
            sockets,
            sockets / '.s.PGSQL.5432',
        ]
        assert not _as_nobody('ls', directory).stdout
        for path in private:
            for right in '-r', '-w', '-x':
                assert _as_nobody('test', right, path).returncode == 1, path
        lock = directory / 'in-use.lock'
        assert _as_nobody('flock', '-n', lock, 'true').returncode != 0
        refused = _as_nobody(*_asks(sockets))
        assert (refused.returncode, refused.stdout) == (2, '')
        # and were the folder open, PostgreSQL would ask who calls
        for path in sockets, *sockets.parents:
            if path != Path('/') and path != Path('/tmp'):
                path.chmod(0o755)
        (sockets / '.s.PGSQL.5432').chmod(0o777)
        refused = _as_nobody(*_asks(sockets))
        sockets.chmod(0o700)
    assert refused.returncode == 2
    assert 'eer authentication failed' in refused.stderr


@LENGTHS
def test_only_the_socket_is_listened_on_and_is_private(
    folder: Path, name: str
) -> None:
    directory = folder / name
    with _server(directory) as sockets:
        asked = subprocess.run(
            [
                *_asks(sockets)[:-1],
                'select type, auth_method from pg_hba_file_rules; '
                'show listen_addresses; show unix_socket_permissions',
            ],
            capture_output=True,
            text=True,
        )
        assert asked.stdout == 'local|peer\n\n0700\n'
        assert _mode(sockets) == 0o700
        assert sockets.stat().st_uid == server_account().pw_uid
        assert _mode(sockets / '.s.PGSQL.5432') == 0o700
    assert not (sockets / '.s.PGSQL.5432').exists()


def test_a_socket_folder_with_a_long_path_is_deleted(folder: Path) -> None:
    directory = folder / ('x' * 120)
    with _server(directory) as sockets:
        assert not sockets.is_relative_to(directory)
    assert not sockets.exists()
    # one that a crash of the system left behind
    sockets.mkdir()
    (directory / 'sockets').symlink_to(sockets)
    with _server(directory):
        assert not sockets.exists()


def test_postgresql_and_its_guard_know_no_secret(folder: Path) -> None:
    directory = folder / 'here'
    with _server(directory) as sockets:
        number = (sockets / 'postmaster.pid').read_text().split('\n')[0]
        postmaster = psutil.Process(int(number))
        guards = [
            process
            for process in psutil.process_iter(['cmdline'])
            if (process.info['cmdline'] or [''])[1:2] == ['-m']
            and process.info['cmdline'][-1] == str(directory)
        ]
        known = [p.environ() for p in (postmaster, *guards)]
        known += [p.environ() for p in postmaster.children()]
    assert len(guards) == 1 and len(known) > 4
    for environment in known:
        assert SECRET not in environment.values()


def test_a_folder_is_private_whatever_the_umask(folder: Path) -> None:
    before = os.umask(0)
    try:
        with embedded_server(folder / 'here'):
            pass
    finally:
        os.umask(before)
    closed = 0o710 if os.geteuid() == 0 else 0o700
    assert _mode(folder / 'here') == closed
    for path in (folder / 'here').iterdir():
        assert _mode(path) & 0o077 == 0, path


def test_the_folder_of_an_earlier_version_is_closed(folder: Path) -> None:
    with embedded_server(folder / 'here'):
        pass
    access = folder / 'here' / 'postgres' / 'pg_hba.conf'
    access.write_text('local all all trust\nhost all all 127.0.0.1/32 trust')
    (folder / 'here').chmod(0o777)
    (folder / 'here' / 'in-use.lock').chmod(0o666)
    (folder / 'here' / 'start.lock').chmod(0o666)
    with _server(folder / 'here'):
        assert access.read_text() == 'local all all peer map=warehouse\n'
    for path in (folder / 'here', *(folder / 'here').iterdir()):
        assert _mode(path) & 0o067 == 0, path


def test_a_folder_with_other_files_keeps_its_mode(folder: Path) -> None:
    (folder / 'file').touch()
    for _ in range(2):
        with embedded_server(folder):
            assert _mode(folder) == 0o755


def test_a_folder_that_others_may_write_to_is_refused(folder: Path) -> None:
    (folder / 'file').touch()
    folder.chmod(0o1777)
    with pytest.raises(SettingsError, match='others? accounts may write'):
        with embedded_server(folder):
            pass
    assert [path.name for path in folder.iterdir()] == ['file']
    assert _mode(folder) == 0o777


@AS_ROOT
def test_a_folder_of_another_account_is_refused(folder: Path) -> None:
    shutil.chown(folder, 'nobody')
    with pytest.raises(SettingsError, match='belongs to nobody'):
        with embedded_server(folder):
            pass
    assert folder.stat().st_uid == pwd.getpwnam('nobody').pw_uid
    assert list(folder.iterdir()) == []


@AS_ROOT
def test_a_lock_that_another_account_left_is_refused(folder: Path) -> None:
    (folder / 'in-use.lock').touch()
    shutil.chown(folder / 'in-use.lock', 'nobody')
    with pytest.raises(SettingsError, match='in-use.lock belongs to nobody'):
        with embedded_server(folder):
            pass


@AS_ROOT
def test_folders_above_get_only_the_right_to_be_passed(folder: Path) -> None:
    modes = {'closed': 0o700, 'passable': 0o711, 'open': 0o755, 'odd': 0o640}
    path = folder
    for name in modes:
        path = path / name
        path.mkdir()
    with embedded_server(path / 'here'):
        pass
    path = folder
    for name, mode in modes.items():
        path = path / name
        path.chmod(mode)
    with embedded_server(path / 'here'):
        pass
    path = folder
    for name, mode in modes.items():
        path = path / name
        assert (name, _mode(path)) == (name, mode | 0o001)


@AS_ROOT
def test_a_server_stops_though_a_folder_above_was_closed(
    folder: Path,
) -> None:
    with _server(folder / 'here') as sockets:
        folder.chmod(0o700)
    assert not (sockets / 'postmaster.pid').exists()


@AS_ROOT
def test_a_folder_that_a_group_may_pass_is_left_alone(folder: Path) -> None:
    account = server_account()
    folder.chmod(0o710)
    os.chown(folder, -1, account.pw_gid)
    let_pass(account, folder)
    assert _mode(folder) == 0o710


@AS_ROOT
def test_programs_installed_with_a_narrow_umask_can_be_run(
    folder: Path,
) -> None:
    programs = folder / 'pginstall' / 'bin'
    programs.mkdir(parents=True)
    shutil.copy('/bin/true', programs / 'postgres')
    (programs.parent / 'postgres.bki').touch()
    for path in folder.rglob('*'):
        path.chmod(0o700 if path.suffix == '' else 0o600)
    folder.chmod(0o700)
    let_read_programs(server_account(), programs)
    assert _as_nobody(programs / 'postgres').returncode == 0
    assert _mode(programs.parent / 'postgres.bki') == 0o604
    assert _mode(folder) == 0o701


def _folder_named_by(
    *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, '-c', _NAME_THE_LOCK_FOLDER, *arguments],
        env={'PATH': os.environ['PATH'], 'PYTHONPATH': _PACKAGES}
        | environment,
        capture_output=True,
        text=True,
        check=True,
    )


def test_all_processes_of_an_account_agree_on_the_lock(folder: Path) -> None:
    """Cron has another environment than a shell."""
    shell = {
        name: str(folder)
        for name in ('HOME', 'TMPDIR', 'XDG_RUNTIME_DIR', 'XDG_STATE_HOME')
    }
    assert (
        _folder_named_by(**shell).stdout
        == _folder_named_by().stdout
        == f'{lock_folder()}\n'
    )


@AS_ROOT
def test_a_lock_folder_that_another_account_took_is_not_used() -> None:
    """This account has neither a home nor a name."""
    uid = 2_000_000_000 + os.getpid()
    taken = Path(f'/tmp/github-warehouse-{uid}')
    assert _folder_named_by(str(uid)).stdout == f'{taken}\n'
    taken.mkdir()
    shutil.chown(taken, 'nobody')
    try:
        assert _folder_named_by(str(uid)).stdout == f'/var{taken}\n'
    finally:
        taken.rmdir()
