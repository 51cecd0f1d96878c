"""PostgreSQL from a wheel, running only while somebody needs it.

Whoever uses the server holds a shared lock on a file in its folder. The last
one to leave stops it. A process that is killed loses its lock with its life,
and a guard of its own, in a session of its own, then stops the server if
nobody else holds one.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from github_warehouse.errors import (
    DatabaseAwayError,
    RunInProgressError,
    SettingsError,
    UsageError,
)
from github_warehouse.warehouse import server
from github_warehouse.warehouse.file_locks import holders, lock_in_time
from github_warehouse.warehouse.private import (
    open_lock,
    private_warehouse_folder,
)
from github_warehouse.warehouse.server_account import bare_environment

_GUARD_INTERVAL_SECONDS = 0.25
_STOP_TRIES = 40


@contextmanager
def embedded_server(directory: Path) -> Iterator[str]:
    """Run PostgreSQL in a folder, and provide the URL of its database.

    Several processes of an account may do so at once; they share one server.
    No other account can reach it.

    Raises:
        DatabaseAwayError: the server does not start, or another process is
            still stopping it.
        SettingsError: the server's wheel is not installed, or the folder
            cannot be used.
    """
    server.programs()
    if set(os.path.realpath(directory)) & set('"$`\\\n'):
        raise SettingsError(
            f'{directory} has a character in its name that the shell would '
            'take for its own: set WAREHOUSE_DIR to another folder'
        )
    directory = private_warehouse_folder(directory)
    try:
        handle = open_lock(directory / 'in-use.lock')
    except OSError as error:
        raise SettingsError(
            f'cannot write to {directory}: {error.strerror}; '
            'set WAREHOUSE_DIR to a folder that you own'
        ) from error
    with handle:
        if not lock_in_time(handle, fcntl.LOCK_SH):
            raise DatabaseAwayError(
                f'{holders(directory / "in-use.lock")} is stopping the '
                f'embedded PostgreSQL in {directory} and does not come to an '
                'end: end it, then run again'
            )
        guard = _start_guard(directory)
        try:
            yield server.start(directory)
        finally:
            _stop_if_unused(directory, handle)
            guard.terminate()
            guard.wait()


def check_there(directory: Path) -> None:
    """Refuse a folder without a warehouse, rather than make one in it.

    Raises:
        SettingsError: there is none, or the server's wheel is not installed.
    """
    server.programs()
    # what cannot be looked into, or is a file, is refused by who opens it
    with suppress(PermissionError):
        if not directory.is_file() and not (directory / 'postgres').exists():
            raise SettingsError(
                f'there is no warehouse in {directory}: '
                '`github-warehouse ingest` creates one; if yours is '
                'elsewhere, set WAREHOUSE_DIR to its folder'
            )


def start_again(directory: Path) -> str:
    """Start the server that this process uses, unless it runs.

    Returns:
        Its URL.

    Raises:
        DatabaseError: it does not start.
    """
    return server.start(Path(os.path.realpath(directory)))


def delete_server(directory: Path) -> None:
    """Delete the folder of an embedded server, once nobody uses it.

    Raises:
        RunInProgressError: somebody uses it and does not stop to.
        UsageError: the folder is there and is not one of ours.
    """
    if not directory.exists():
        return
    if directory.is_dir() and not any(directory.iterdir()):
        directory.rmdir()
        return
    try:
        handle = open(directory / 'in-use.lock', 'rb+')
    except OSError as error:
        raise UsageError(
            f'{directory} was not made by the warehouse: '
            'delete or rename it first'
        ) from error
    with handle:
        for _ in range(_STOP_TRIES):
            if _stop_if_unused(directory.resolve(), handle):
                _delete_but_the_lock(directory)
                (directory / 'in-use.lock').unlink()
                directory.rmdir()
                return
            time.sleep(_GUARD_INTERVAL_SECONDS)
    raise RunInProgressError(
        f'{directory} is in use by {holders(directory / "in-use.lock")}: '
        'end that first'
    )


def psql_path() -> str:
    """Return where the wheel has psql.

    Raises:
        SettingsError: the wheel is not installed.
    """
    return str(server.programs() / 'psql')


def _delete_but_the_lock(directory: Path) -> None:
    """Delete a folder's contents; the lock that tells it ours goes last."""
    for path in directory.iterdir():
        if path.name == 'in-use.lock':
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _stop_if_unused(directory: Path, handle: IO[bytes]) -> bool:
    """Stop the server unless another process holds its lock too."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    server.stop(directory)
    return True


def _start_guard(directory: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, '-m', __name__, str(directory)],
        cwd='/',
        env=bare_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def guard(directory: Path) -> None:
    """Wait until nobody uses the server, then stop it."""
    with open_lock(directory / 'in-use.lock') as handle:
        while not _stop_if_unused(directory, handle):
            time.sleep(_GUARD_INTERVAL_SECONDS)


if __name__ == '__main__':
    os.umask(0o077)
    guard(Path(sys.argv[1]))
