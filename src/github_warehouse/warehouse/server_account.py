"""The account that runs PostgreSQL, which refuses to run as root."""

import os
import pwd
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from github_warehouse.errors import DatabaseError

_NAME = 'pgserver'
# All that PostgreSQL and its guard get from the environment: no secret.
_ENVIRONMENT = (
    'DYLD_LIBRARY_PATH',
    'HOME',
    'LD_LIBRARY_PATH',
    'PATH',
    'PYTHONHOME',
    'PYTHONPATH',
    'TMPDIR',
    'TZ',
)
_TIMEOUT_SECONDS = 300


def bare_environment() -> dict[str, str]:
    """Return PostgreSQL's environment; every host has the C locale."""
    kept = {k: os.environ[k] for k in _ENVIRONMENT if k in os.environ}
    return kept | {'LC_ALL': 'C'}


def server_account() -> pwd.struct_passwd:
    """Return the account to run PostgreSQL as: this one, or `pgserver`.

    Raises:
        DatabaseError: there is no such account, and as root it cannot be
            added.
    """
    uid = os.geteuid()
    try:
        return pwd.getpwnam(_NAME) if uid == 0 else pwd.getpwuid(uid)
    except KeyError as error:
        if uid != 0:
            raise DatabaseError(
                f'PostgreSQL does not run as user {uid}, which has no '
                'account: add one, or set WAREHOUSE_URL to a server'
            ) from error
    try:
        reason = subprocess.run(
            # not on the path of every root
            [
                '/usr/sbin/useradd',
                '--system',
                '-s',
                '/usr/sbin/nologin',
                _NAME,
            ],
            env=bare_environment(),
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_SECONDS,
        ).stderr.strip()
    except (OSError, subprocess.TimeoutExpired) as error:
        reason = str(error)
    try:
        # another process may have added it first
        return pwd.getpwnam(_NAME)
    except KeyError as error:
        raise DatabaseError(
            f'PostgreSQL does not run as root, and the account {_NAME} cannot '
            f'be added: {reason}; run this as another user'
        ) from error


def run_as(account: pwd.struct_passwd, *command: str | Path) -> None:
    """Run a program as an account, without our secrets and groups.

    Raises:
        OSError: it fails or does not end; with what it wrote to standard
            error.
    """
    # a file: the server that pg_ctl starts would keep a pipe open
    with tempfile.TemporaryFile('w+') as said:
        try:
            subprocess.run(
                command,
                check=True,
                cwd='/',
                env=bare_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
                timeout=_TIMEOUT_SECONDS,
                **_identity(account),
            )
        except subprocess.SubprocessError as error:
            said.seek(0)
            words = ' '.join(said.read().split())
            raise OSError(
                f'{Path(command[0]).name} failed: {words}'
            ) from error


def give(account: pwd.struct_passwd, file: Path | int) -> None:
    """Give an account a file or folder that was made as root."""
    if os.geteuid() == 0:
        os.chown(file, account.pw_uid, account.pw_gid)


def let_pass(account: pwd.struct_passwd, folder: Path) -> None:
    """Let an account pass a folder and those above it, as root.

    Folders that it can pass stay as they are. Others get `o+x`, never `o+r`.
    """
    if os.geteuid() != 0:
        return
    for passed in [*reversed(folder.parents), folder]:
        if not _may(account, '-x', passed):
            passed.chmod(passed.stat().st_mode & 0o7777 | 0o001)


def let_read_programs(account: pwd.struct_passwd, programs: Path) -> None:
    """Let an account run the programs of a wheel, as root.

    A wheel that root installed with umask 077 is closed to everybody else. The
    installation holds nothing private, so others get root's permissions on it,
    except to write.
    """
    if os.geteuid() != 0:
        return
    let_pass(account, programs.parent.parent)
    if _may(account, '-r', programs / 'postgres'):
        return
    for path in [programs.parent, *programs.parent.rglob('*')]:
        if not path.is_symlink():
            mode = path.stat().st_mode & 0o7777
            path.chmod(mode | mode >> 6 & 0o005)


def _may(account: pwd.struct_passwd, right: str, path: Path) -> bool:
    """Ask the system, which takes groups and access lists into account."""
    return not subprocess.run(
        ['test', right, path],  # nosec B607
        cwd='/',
        env=bare_environment(),
        **_identity(account),
    ).returncode


def _identity(account: pwd.struct_passwd) -> dict[str, Any]:
    """Return the options of a child process that runs as the account."""
    if os.geteuid() != 0:
        return {}
    return {
        'user': account.pw_uid,
        'group': account.pw_gid,
        'extra_groups': [],
    }
