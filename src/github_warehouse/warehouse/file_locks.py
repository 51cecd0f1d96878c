"""Take file locks with a time limit, and name the processes that hold them."""

import fcntl
import os
import re
import time
from pathlib import Path
from typing import IO

# Longer than PostgreSQL needs to start or stop.
LOCK_SECONDS = 150
# https://man7.org/linux/man-pages/man5/proc_locks.5.html
_LOCKS = Path('/proc/locks')
_HELD = re.compile(r'\d+: FLOCK +\S+ +\S+ (\d+) \S+:(\d+) ')


def lock_in_time(handle: IO[bytes], operation: int) -> bool:
    """Take a lock; return whether it was free within LOCK_SECONDS.

    Args:
        handle: the open file.
        operation: fcntl.LOCK_EX or fcntl.LOCK_SH.
    """
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(handle, operation | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)


def holders(path: Path) -> str:
    """Return the processes that hold a lock, such as `process 7, process 12`.

    If they are unknown, as on systems other than Linux: `another process`.
    """
    try:
        inode = path.stat().st_ino
        lines = _LOCKS.read_text('ascii', 'replace').splitlines()
    except OSError:
        lines = []
    found = {
        int(held[1])
        for held in map(_HELD.match, lines)
        if held and int(held[2]) == inode
    }
    # 0 is a process of another container
    named = sorted(found - {0, os.getpid()})
    return ', '.join(f'process {pid}' for pid in named) or 'another process'
