"""Other accounts of the same machine cannot access the server."""

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil
import psycopg2
import pytest

import github_warehouse
from github_warehouse.warehouse.embedded import psql_path
from github_warehouse.warehouse.server_account import server_account
from support import AS_ROOT, mode_of

SECRET = 'ghp_0123456789abcdefghijABCDEFGHIJ012345'
LENGTHS = pytest.mark.parametrize('name', ['short', 'x' * 120])
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


@contextmanager
def _server(
    directory: Path, account: str = '', python: str = sys.executable
) -> Iterator[Path]:
    """Run a server, as `account` if given; return its socket folder."""
    user = {'user': account, 'group': account, 'extra_groups': ()}
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


def _run_as_other_account(
    *command: str | Path,
) -> subprocess.CompletedProcess[str]:
    account = pwd.getpwnam('nobody')
    return subprocess.run(
        command,
        user=account.pw_uid,
        group=account.pw_gid,
        extra_groups=(),
        cwd='/',
        capture_output=True,
        text=True,
        timeout=30,
    )


def _psql_command(sockets: Path) -> tuple[str | Path, ...]:
    return (psql_path(), '-h', sockets, '-U', 'postgres', '-tAc', 'select 1')


def _python_for(account: str) -> str:
    """Return a Python of this version that another account may run."""
    version = f'{sys.version_info[0]}.{sys.version_info[1]}'
    for python in (sys.executable, f'/usr/bin/python{version}'):
        done = subprocess.run(
            ['test', '-x', python], user=account, extra_groups=()
        )
        if done.returncode == 0:
            return python
    pytest.skip('needs a shared Python: another account cannot run this one')


@AS_ROOT
@LENGTHS
@pytest.mark.parametrize('owner', ['', 'daemon'])
def test_another_account_cannot_access_the_server(
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
        assert not _run_as_other_account('ls', directory).stdout
        for path in private:
            for right in '-r', '-w', '-x':
                assert (
                    _run_as_other_account('test', right, path).returncode == 1
                ), path
        lock = directory / 'in-use.lock'
        assert (
            _run_as_other_account('flock', '-n', lock, 'true').returncode != 0
        )
        refused = _run_as_other_account(*_psql_command(sockets))
        assert (refused.returncode, refused.stdout) == (2, '')
        # even with open folders, PostgreSQL checks the connecting account
        for path in sockets, *sockets.parents:
            if path != Path('/') and path != Path('/tmp'):
                path.chmod(0o755)
        (sockets / '.s.PGSQL.5432').chmod(0o777)
        refused = _run_as_other_account(*_psql_command(sockets))
        sockets.chmod(0o700)
    assert refused.returncode == 2
    assert 'eer authentication failed' in refused.stderr


@LENGTHS
def test_the_server_listens_only_on_a_private_socket(
    folder: Path, name: str
) -> None:
    directory = folder / name
    with _server(directory) as sockets:
        done = subprocess.run(
            [
                *_psql_command(sockets)[:-1],
                'select type, auth_method from pg_hba_file_rules; '
                'show listen_addresses; show unix_socket_permissions',
            ],
            capture_output=True,
            text=True,
        )
        assert done.stdout == 'local|peer\n\n0700\n'
        assert mode_of(sockets) == 0o700
        assert sockets.stat().st_uid == server_account().pw_uid
        assert mode_of(sockets / '.s.PGSQL.5432') == 0o700
    assert not (sockets / '.s.PGSQL.5432').exists()


def test_a_socket_folder_with_a_long_path_is_deleted(folder: Path) -> None:
    directory = folder / ('x' * 120)
    with _server(directory) as sockets:
        assert not sockets.is_relative_to(directory)
    assert not sockets.exists()
    # left behind by a crash of the system
    sockets.mkdir()
    (directory / 'sockets').symlink_to(sockets)
    with _server(directory):
        assert not sockets.exists()


def test_postgresql_and_its_guard_have_no_secret(folder: Path) -> None:
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
