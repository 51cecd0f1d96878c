"""Folders and lock files that no other account of this computer can reach."""

import os
import pwd
import stat
from pathlib import Path
from typing import IO

from github_warehouse.errors import SettingsError
from github_warehouse.warehouse.server_account import server_account

# What the warehouse and the demo keep in WAREHOUSE_DIR.
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
    """Make WAREHOUSE_DIR, close it to others, and return its real path.

    A folder that also holds other files keeps its mode: what the warehouse
    creates there is private itself, as long as nobody else can replace it.

    Raises:
        DatabaseError: as root, there is no account for the server.
        SettingsError: the folder cannot be written to, belongs to another
            account, or holds other files and others may write to it.
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
                'set WAREHOUSE_DIR to a folder of yours'
            )
        if set(os.listdir(directory)) <= _OURS:
            _close(directory, status)
        elif status.st_mode & 0o022:
            raise SettingsError(
                f'other accounts may write to {directory}: `chmod go-w` it, '
                'or set WAREHOUSE_DIR to a folder that holds nothing else'
            )
    except OSError as error:
        raise SettingsError(
            f'cannot write to {directory}: {error.strerror}; '
            'set WAREHOUSE_DIR to a folder of yours'
        ) from error
    return directory


def _close(directory: Path, status: os.stat_result) -> None:
    """Close a folder to all but this account and, as root, the server's."""
    mode, group = 0o700, status.st_gid
    if os.geteuid() == 0:
        mode, group = 0o710, server_account().pw_gid
    if status.st_gid != group:
        os.chown(directory, -1, group)
    if stat.S_IMODE(status.st_mode) != mode:
        directory.chmod(mode)


def lock_folder() -> Path:
    """Return the folder for the locks of warehouses on a server.

    All processes of an account get the same one. HOME, TMPDIR and
    XDG_RUNTIME_DIR differ between a shell and cron, so they are not used.
    Where the account's home cannot be written to, as in a container, the
    folder is in /tmp; if another account took its name there, in /var/tmp.
    """
    uid = os.geteuid()
    folders = [folder / f'github-warehouse-{uid}' for folder in _TEMPORARY]
    try:
        home = Path(pwd.getpwuid(uid).pw_dir)
    except KeyError:
        pass
    else:
        folders.insert(0, home / '.local' / 'state' / 'github-warehouse')
    return next(filter(_can_be_private, folders), folders[-1])


def make_private(folder: Path) -> None:
    """Make a folder, and its missing parents, for this account only.

    Raises:
        OSError: it cannot be made, is a link, belongs to another account, or
            others may write to it.
    """
    if not os.path.lexists(folder):
        if not folder.parent.exists():
            make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
    if not _is_private(folder):
        raise PermissionError(1, 'its folder is not private', str(folder))


def open_lock(path: Path) -> IO[bytes]:
    """Open a lock file that only this account can open; make it if missing.

    Raises:
        OSError: it cannot be opened, is a link, or belongs to another account.
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
    """Tell whether a folder is private, or can be made so."""
    if os.path.lexists(folder):
        return _is_private(folder) and os.access(folder, os.W_OK | os.X_OK)
    above = next(p for p in folder.parents if os.path.lexists(p))
    return above.is_dir() and os.access(above, os.W_OK | os.X_OK)


def _is_private(folder: Path) -> bool:
    """Tell whether this account owns a folder and nobody else may write."""
    found = folder.lstat()
    return (
        stat.S_ISDIR(found.st_mode)
        and found.st_uid == os.geteuid()
        and not found.st_mode & 0o022
    )
