"""Folders and locks are private, whatever existed before."""

import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from github_warehouse.errors import SettingsError
from github_warehouse.warehouse.embedded import embedded_server
from github_warehouse.warehouse.private import lock_folder
from github_warehouse.warehouse.server_account import (
    make_programs_readable,
    make_traversable,
    run_as,
    server_account,
)
from support import AS_ROOT, mode_of

_NAME_THE_LOCK_FOLDER = """
import os, sys
from github_warehouse.warehouse.private import lock_folder
if sys.argv[1:]:
    os.setuid(int(sys.argv[1]))
print(lock_folder())
"""


def test_a_folder_is_private_whatever_the_umask(folder: Path) -> None:
    before = os.umask(0)
    try:
        with embedded_server(folder / 'here'):
            pass
    finally:
        os.umask(before)
    closed = 0o710 if os.geteuid() == 0 else 0o700
    assert mode_of(folder / 'here') == closed
    for path in (folder / 'here').iterdir():
        assert mode_of(path) & 0o077 == 0, path


def test_the_folder_of_an_earlier_version_is_made_private(
    folder: Path,
) -> None:
    with embedded_server(folder / 'here'):
        pass
    access = folder / 'here' / 'postgres' / 'pg_hba.conf'
    access.write_text('local all all trust\nhost all all 127.0.0.1/32 trust')
    (folder / 'here').chmod(0o777)
    (folder / 'here' / 'in-use.lock').chmod(0o666)
    (folder / 'here' / 'start.lock').chmod(0o666)
    with embedded_server(folder / 'here'):
        assert access.read_text() == 'local all all peer map=warehouse\n'
    for path in (folder / 'here', *(folder / 'here').iterdir()):
        assert mode_of(path) & 0o067 == 0, path


def test_a_folder_with_other_files_keeps_its_mode(folder: Path) -> None:
    (folder / 'file').touch()
    for _ in range(2):
        with embedded_server(folder):
            assert mode_of(folder) == 0o755


def test_a_folder_writable_by_others_is_refused(folder: Path) -> None:
    (folder / 'file').touch()
    folder.chmod(0o1777)
    with pytest.raises(SettingsError, match='others? accounts can write'):
        with embedded_server(folder):
            pass
    assert [path.name for path in folder.iterdir()] == ['file']
    assert mode_of(folder) == 0o777


@AS_ROOT
def test_a_folder_of_another_account_is_refused(folder: Path) -> None:
    shutil.chown(folder, 'nobody')
    with pytest.raises(SettingsError, match='belongs to nobody'):
        with embedded_server(folder):
            pass
    assert folder.stat().st_uid == pwd.getpwnam('nobody').pw_uid
    assert list(folder.iterdir()) == []


@AS_ROOT
def test_a_lock_of_another_account_is_refused(folder: Path) -> None:
    (folder / 'in-use.lock').touch()
    shutil.chown(folder / 'in-use.lock', 'nobody')
    with pytest.raises(SettingsError, match='in-use.lock belongs to nobody'):
        with embedded_server(folder):
            pass


@AS_ROOT
def test_parent_folders_get_only_execute_permission(folder: Path) -> None:
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
        assert (name, mode_of(path)) == (name, mode | 0o001)


@AS_ROOT
def test_a_server_stops_even_if_a_parent_folder_was_closed(
    folder: Path,
) -> None:
    with embedded_server(folder / 'here'):
        folder.chmod(0o700)
    assert not (folder / 'here' / 'postgres' / 'postmaster.pid').exists()


@AS_ROOT
def test_a_folder_with_group_access_is_left_alone(folder: Path) -> None:
    account = server_account()
    folder.chmod(0o710)
    os.chown(folder, -1, account.pw_gid)
    make_traversable(account, folder)
    assert mode_of(folder) == 0o710


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
    make_programs_readable(server_account(), programs)
    run_as(server_account(), programs / 'postgres')
    assert mode_of(programs.parent / 'postgres.bki') == 0o604
    assert mode_of(folder) == 0o701


def _folder_named_by(
    *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, '-c', _NAME_THE_LOCK_FOLDER, *arguments],
        env={'PATH': os.environ['PATH']} | environment,
        capture_output=True,
        text=True,
        check=True,
    )


def test_all_processes_of_an_account_agree_on_the_lock(folder: Path) -> None:
    """The environment of cron differs from that of a shell."""
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
def test_a_lock_folder_of_another_account_is_not_used() -> None:
    """This account has neither a home folder nor a name."""
    uid = 2_000_000_000 + os.getpid()
    taken = Path(f'/tmp/github-warehouse-{uid}')
    assert _folder_named_by(str(uid)).stdout == f'{taken}\n'
    taken.mkdir()
    shutil.chown(taken, 'nobody')
    try:
        assert _folder_named_by(str(uid)).stdout == f'/var{taken}\n'
    finally:
        taken.rmdir()
