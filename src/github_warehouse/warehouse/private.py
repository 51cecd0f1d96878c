"""Folders and lock files that no other account on this computer can access."""

import os
import pwd
import stat
from pathlib import Path
from typing import IO

from github_warehouse.errors import SettingsError
from github_warehouse.warehouse.server_account import server_account

# Everything that the warehouse and the demo create in WAREHOUSE_DIR.
_OURS = {
    'demo.log',
    'in-use.lock',
    'ingest.alerted',
    'ingest.lock',
    'postgres',
    'postgres.new',
    'report.html',
    'sockets',
    'start.lock',
}
_TEMPORARY = (Path('/tmp'), Path('/var/tmp'))  # nosec B108


def private_warehouse_folder(directory: Path) -> Path:
    """Create WAREHOUSE_DIR, make it private, and return its real path.

    A folder that also holds other files keeps its mode. The files that the
    warehouse creates there are private themselves, and no other account may
    be able to replace them.

    Raises:
        DatabaseError: as root, there is no account to run the server.
        SettingsError: the folder is not writable, belongs to another
            account, or holds other files and other accounts may write to it.
    """
    try:
        if directory.is_file():
            raise SettingsError(
                f'{directory} is a file: set WAREHOUSE_DIR to a folder'
            )
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        directory = directory.resolve(strict=True)
        status = directory.stat()
        if status.st_uid != os.geteuid():
            raise SettingsError(
                f'{directory} belongs to {account_name(status.st_uid)}: '
                'set WAREHOUSE_DIR to a folder that you own'
            )
        if set(os.listdir(directory)) <= _OURS:
            _close(directory, status)
        elif status.st_mode & 0o022:
            raise SettingsError(
                f'other accounts can write to {directory}: run `chmod go-w '
                f'{directory}`, or set WAREHOUSE_DIR to an empty folder'
            )
    except OSError as error:
        raise SettingsError(
            f'cannot write to {directory}: {error.strerror}; '
            'set WAREHOUSE_DIR to a folder that you own'
        ) from error
    return directory


def _close(directory: Path, status: os.stat_result) -> None:
    """Give access to this account only and, as root, to the server's group."""
    mode, group = 0o700, status.st_gid
    if os.geteuid() == 0:
        mode, group = 0o710, server_account().pw_gid
    if status.st_gid != group:
        os.chown(directory, -1, group)
    if stat.S_IMODE(status.st_mode) != mode:
        directory.chmod(mode)


def lock_folder() -> Path:
    """Return the folder for the locks of warehouses on a server.

    All processes of an account get the same folder. HOME, TMPDIR and
    XDG_RUNTIME_DIR differ between a shell and cron, so they are not used.
    If the account's home directory is not writable, as in a container, the
    folder is in /tmp. If another account took that name, it is in /var/tmp.
    """
    uid = os.geteuid()
    folders = [folder / f'github-warehouse-{uid}' for folder in _TEMPORARY]
    try:
        home = Path(pwd.getpwuid(uid).pw_dir)
    except KeyError:
        # an account without an entry in /etc/passwd, as in a container run
        # with --user, has no home directory
        pass
    else:
        folders.insert(0, home / '.local' / 'state' / 'github-warehouse')
    return next(filter(_can_be_private, folders), folders[-1])


def make_private(folder: Path) -> None:
    """Create a folder, and its missing parents, for this account only.

    Raises:
        OSError: the folder cannot be created, is a symbolic link, belongs to
            another account, or is writable by other accounts.
    """
    if not os.path.lexists(folder):
        if not folder.parent.exists():
            make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
    if not _is_private(folder):
        raise PermissionError(1, 'its folder is not private', str(folder))


def open_lock(path: Path) -> IO[bytes]:
    """Open a private lock file, and create it if it does not exist.

    Raises:
        OSError: the file cannot be opened, is a symbolic link, or belongs to
            another account.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    handle = os.fdopen(os.open(path, flags, 0o600), 'rb+')
    try:
        owner = os.fstat(handle.fileno()).st_uid
        if owner != os.geteuid():
            raise PermissionError(
                1, f'{path.name} belongs to {account_name(owner)}', str(path)
            )
        os.fchmod(handle.fileno(), 0o600)
    except OSError:
        handle.close()
        raise
    return handle


def account_name(uid: int) -> str:
    """Return the name of an account, or `user UID` if it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f'user {uid}'


def _can_be_private(folder: Path) -> bool:
    """Return whether a folder is private, or can be created as private."""
    if os.path.lexists(folder):
        return _is_private(folder) and os.access(folder, os.W_OK | os.X_OK)
    parent = next(p for p in folder.parents if os.path.lexists(p))
    return parent.is_dir() and os.access(parent, os.W_OK | os.X_OK)


def _is_private(folder: Path) -> bool:
    """Return whether only this account may write to a folder."""
    status = folder.lstat()
    return (
        stat.S_ISDIR(status.st_mode)
        and status.st_uid == os.geteuid()
        and not status.st_mode & 0o022
    )
