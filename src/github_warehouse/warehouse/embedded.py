"""The embedded PostgreSQL, which runs only while a process uses it.

Each process that uses the server holds a shared lock on a file in its folder.
The last one stops the server. Each process also starts a guard, a process in
its own session: if its process is killed, which releases the lock, the guard
stops the server once no lock is left.
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
    """Run PostgreSQL in a folder, and yield the URL of its database.

    Processes of the same account share one server. Other accounts cannot
    connect to it.

    Raises:
        DatabaseAwayError: the server does not start, or another process is
            still stopping it.
        SettingsError: the server's wheel is not installed, or the folder
            cannot be used.
    """
    server.programs()
    if set(os.path.realpath(directory)) & set('"$`\\\n'):
        raise SettingsError(
            f'{directory} contains a character that the shell would '
            'interpret: set WAREHOUSE_DIR to another folder'
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
                f'embedded PostgreSQL in {directory} and does not finish: '
                'end it, then run again'
            )
        guard = _start_guard(directory)
        try:
            yield server.start(directory)
        finally:
            _stop_if_unused(directory, handle)
            guard.terminate()
            guard.wait()


def check_exists(directory: Path) -> None:
    """Check that a folder contains a warehouse; do not create one.

    Raises:
        SettingsError: it does not, or the server's wheel is not installed.
    """
    server.programs()
    # embedded_server reports files, and folders without permission
    with suppress(PermissionError):
        if not directory.is_file() and not (directory / 'postgres').exists():
            raise SettingsError(
                f'there is no warehouse in {directory}: '
                '`github-warehouse ingest` creates one; if yours is '
                'elsewhere, set WAREHOUSE_DIR to its folder'
            )


def start_again(directory: Path) -> str:
    """Start the server that this process uses again, unless it runs.

    Returns:
        The URL of its database.

    Raises:
        DatabaseError: it does not start.
    """
    return server.start(Path(os.path.realpath(directory)))


def delete_server(directory: Path) -> None:
    """Delete the folder of an embedded server, if it is not in use.

    Raises:
        RunInProgressError: another process keeps using it.
        UsageError: the folder was not made by the warehouse.
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
                _delete_contents(directory)
                (directory / 'in-use.lock').unlink()
                directory.rmdir()
                return
            time.sleep(_GUARD_INTERVAL_SECONDS)
    raise RunInProgressError(
        f'{directory} is in use by {holders(directory / "in-use.lock")}: '
        'end that first'
    )


def psql_path() -> str:
    """Return the path of the wheel's psql.

    Raises:
        SettingsError: the wheel is not installed.
    """
    return str(server.programs() / 'psql')


def _delete_contents(directory: Path) -> None:
    """Delete a folder's contents, except the lock file.

    The lock file identifies the folder as one of the warehouse, in case the
    deletion is interrupted.
    """
    for path in directory.iterdir():
        if path.name == 'in-use.lock':
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _stop_if_unused(directory: Path, handle: IO[bytes]) -> bool:
    """Stop the server unless another process uses it; return whether."""
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
    """Wait until no process uses the server, then stop it."""
    with open_lock(directory / 'in-use.lock') as handle:
        while not _stop_if_unused(directory, handle):
            time.sleep(_GUARD_INTERVAL_SECONDS)


if __name__ == '__main__':
    os.umask(0o077)
    guard(Path(sys.argv[1]))
