"""The account that runs PostgreSQL, which refuses to run as root."""

import os
import pwd
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from github_warehouse.errors import DatabaseError

_NAME = 'pgserver'
# PostgreSQL and its guard get only these variables, none of them secret.
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
    """Return PostgreSQL's environment, with a locale that always exists."""
    kept = {k: os.environ[k] for k in _ENVIRONMENT if k in os.environ}
    return kept | {'LC_ALL': 'C'}


def server_account() -> pwd.struct_passwd:
    """Return the account that runs PostgreSQL: `pgserver` for root.

    For other users it is their own account. If `pgserver` does not exist, it
    is added.

    Raises:
        DatabaseError: the user has no account, or `pgserver` cannot be added.
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
    reason = _add_account()
    try:
        return pwd.getpwnam(_NAME)
    except KeyError as error:
        raise DatabaseError(
            f'PostgreSQL does not run as root, and the account {_NAME} cannot '
            f'be added: {reason}; run this as another user'
        ) from error


def _add_account() -> str:
    """Add the account `pgserver`, unless another process does so first.

    Returns:
        Why it was not added, in the words of useradd.
    """
    # the full path, because some PATHs of root do not have /usr/sbin
    command = ['/usr/sbin/useradd', '--system', '-s', '/usr/sbin/nologin']
    try:
        return subprocess.run(
            [*command, _NAME],
            env=bare_environment(),
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_SECONDS,
        ).stderr.strip()
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)


def run_as(account: pwd.struct_passwd, *command: str | Path) -> None:
    """Run a program as an account, without secrets and groups of this one.

    Raises:
        OSError: it failed or did not end; the message has its standard error.
    """
    # a file, because the server that pg_ctl starts would keep a pipe open
    with tempfile.TemporaryFile('w+') as errors:
        try:
            subprocess.run(
                command,
                check=True,
                cwd='/',
                env=bare_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                timeout=_TIMEOUT_SECONDS,
                **_identity(account),
            )
        except subprocess.SubprocessError as error:
            errors.seek(0)
            text = ' '.join(errors.read().split())
            raise OSError(f'{Path(command[0]).name} failed: {text}') from error


def change_owner(account: pwd.struct_passwd, file: Path | int) -> None:
    """As root, change the owner of a file or folder; else do nothing."""
    if os.geteuid() == 0:
        os.chown(file, account.pw_uid, account.pw_gid)


def make_traversable(account: pwd.struct_passwd, folder: Path) -> None:
    """As root, let an account traverse a folder and its parents.

    A folder that it cannot traverse gets `o+x`, but not `o+r`.
    """
    if os.geteuid() != 0:
        return
    for each in [*reversed(folder.parents), folder]:
        if not _may(account, '-x', each):
            each.chmod(each.stat().st_mode & 0o7777 | 0o001)


def make_programs_readable(account: pwd.struct_passwd, programs: Path) -> None:
    """As root, let an account run the programs of the wheel.

    Other accounts cannot read a wheel that root installed with umask 077. It
    contains nothing private, so they get root's permissions on it, except
    write.
    """
    if os.geteuid() != 0:
        return
    make_traversable(account, programs.parent.parent)
    if _may(account, '-r', programs / 'postgres'):
        return
    for path in [programs.parent, *programs.parent.rglob('*')]:
        if not path.is_symlink():
            mode = path.stat().st_mode & 0o7777
            path.chmod(mode | mode >> 6 & 0o005)


def _may(account: pwd.struct_passwd, right: str, path: Path) -> bool:
    """Return whether an account has a right, given as an option of `test`.

    `test` takes groups and access control lists into account.
    """
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
