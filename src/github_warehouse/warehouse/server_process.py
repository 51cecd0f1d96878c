"""Find and stop the server process of a data folder."""

import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

from github_warehouse.errors import DatabaseError

if TYPE_CHECKING:
    import psutil

_LISTED_SECONDS = 10
_STOP_SECONDS = 60


def process_file(data: Path) -> list[str]:
    """Read postmaster.pid: process, folder, start, port, socket, a line each.

    Raises:
        OSError: there is no such file, because no server runs.
    """
    return (data / 'postmaster.pid').read_text().split('\n')


def is_running(data: Path) -> bool:
    """Return whether the server of a data folder runs."""
    process = _process(data)
    return process is not None and _is_server(process, data)


def stop_process(data: Path) -> None:
    """Stop the server of a data folder if it runs.

    It uses signals, not pg_ctl: for root, pg_ctl runs as `pgserver`, which
    cannot reach the data if a parent folder was closed since the start.

    Raises:
        DatabaseError: it does not stop.
    """
    process = _process(data)
    if process is None or not _is_server(process, data):
        return
    # https://www.postgresql.org/docs/current/server-shutdown.html
    for shutdown in (signal.SIGINT, signal.SIGQUIT):
        if _ends(process, shutdown):
            return
    raise DatabaseError(
        f'PostgreSQL in {data} does not stop: end process {process.pid}'
    )


def forget_stale_process(data: Path) -> None:
    """Delete a dead server's lock files if its PID is still in use.

    PostgreSQL would not start. The PID may belong to another process now. Or
    the dead process is still listed: usually the system removes it soon, but
    never in a container without an init process. If children of the server
    are alive, PostgreSQL detects them by its shared memory.
    """
    deadline = time.monotonic() + _LISTED_SECONDS
    while (process := _process(data)) is not None:
        if not _is_dead(process) or time.monotonic() > deadline:
            for stale in 'postmaster.pid', '.s.PGSQL.5432.lock':
                (data / stale).unlink(missing_ok=True)
            return
        time.sleep(0.05)


def _process(data: Path) -> 'psutil.Process | None':
    """Return the process whose PID is in postmaster.pid, of any program."""
    import psutil

    try:
        return psutil.Process(int(process_file(data)[0]))
    except (OSError, ValueError, psutil.NoSuchProcess):
        return None


def _is_server(process: 'psutil.Process', data: Path) -> bool:
    """Return whether a process is the server of this folder, and alive.

    It checks the arguments, which root can read in a container too.
    """
    import psutil

    try:
        return process.name() == 'postgres' and str(data) in process.cmdline()
    except psutil.NoSuchProcess:
        return False


def _is_dead(process: 'psutil.Process') -> bool:
    """Return whether a process has ended, even if it is still listed."""
    import psutil

    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _ends(process: 'psutil.Process', shutdown: signal.Signals) -> bool:
    """Send a signal; return whether the process ends within a minute."""
    import psutil

    deadline = time.monotonic() + _STOP_SECONDS
    try:
        process.send_signal(shutdown)
        while process.is_running() and not _is_dead(process):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
    except psutil.NoSuchProcess:
        # it ended before the signal or between two checks: that is the goal
        pass
    return True
