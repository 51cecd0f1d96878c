"""The run lock: a second concurrent run fails and names the first."""

import fcntl
import os
import pwd
import re
import signal
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cli.conftest import environment
from github_warehouse.errors import RunInProgressError, SettingsError
from github_warehouse.warehouse.connection import Warehouse
from github_warehouse.warehouse.runs import take_run_lock
from support import AS_ROOT

_HOLD = """
import sys
from pathlib import Path
from github_warehouse.warehouse.connection import Warehouse
from github_warehouse.warehouse.runs import take_run_lock
with take_run_lock(Warehouse('', '', 'x', Path(sys.argv[1]))):
    print('held', flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse('', '', 'warehouse x', tmp_path / 'locks' / 'x.lock')


def _hold_lock(warehouse: Warehouse) -> subprocess.Popen[str]:
    holder = subprocess.Popen(
        [sys.executable, '-c', _HOLD, str(warehouse.lock_file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == 'held\n'
    return holder


def test_the_error_names_who_holds_the_lock(warehouse: Warehouse) -> None:
    holder = _hold_lock(warehouse)
    with pytest.raises(RunInProgressError) as raised:
        with take_run_lock(warehouse):
            pass
    holder.communicate('')
    assert re.fullmatch(
        'another ingest into the warehouse x is in progress, process '
        rf'{holder.pid} since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d UTC: '
        'this one wrote nothing',
        str(raised.value),
    )


def test_a_lock_is_released_and_leaves_no_file(warehouse: Warehouse) -> None:
    for _ in range(2):
        with take_run_lock(warehouse):
            assert warehouse.lock_file.stat().st_mode & 0o777 == 0o600
            assert warehouse.lock_file.parent.stat().st_mode & 0o777 == 0o700
        assert list(warehouse.lock_file.parent.iterdir()) == []


def test_a_killed_holder_releases_the_lock(warehouse: Warehouse) -> None:
    holder = _hold_lock(warehouse)
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    left = warehouse.lock_file.read_text()
    assert left.startswith(f'process {holder.pid} since ')
    warehouse.lock_file.write_text(left + 'more\n')
    with take_run_lock(warehouse):
        now = warehouse.lock_file.read_text().splitlines()
        assert len(now) == 1
        assert now[0].startswith(f'process {os.getpid()} since ')


def test_a_lock_in_a_folder_writable_by_others_is_refused(
    warehouse: Warehouse,
) -> None:
    warehouse.lock_file.parent.mkdir()
    warehouse.lock_file.parent.chmod(0o777)
    with pytest.raises(SettingsError, match='is not private'):
        with take_run_lock(warehouse):
            pass


def test_a_link_is_refused_as_a_lock(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    (tmp_path / 'precious').write_text('kept')
    warehouse.lock_file.parent.mkdir(mode=0o700)
    warehouse.lock_file.symlink_to(tmp_path / 'precious')
    with pytest.raises(SettingsError, match='cannot lock'):
        with take_run_lock(warehouse):
            pass
    assert (tmp_path / 'precious').read_text() == 'kept'


@AS_ROOT
def test_another_account_cannot_take_the_lock_of_a_server(
    warehouse_url: str,
) -> None:
    """It creates the path that earlier versions used for the lock."""
    parts = urlsplit(warehouse_url)
    database = f'{parts.hostname}:{parts.port or 5432}{parts.path}'
    digest = sha256(database.encode()).hexdigest()[:16]
    taken = Path(f'/tmp/github-warehouse-{os.getuid()}-{digest}.lock')
    taken.touch()
    os.chown(taken, pwd.getpwnam('nobody').pw_uid, -1)
    try:
        with open(taken, 'ab') as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            done = subprocess.run(
                [sys.executable, '-m', 'github_warehouse', 'ingest'],
                env=environment(WAREHOUSE_URL=warehouse_url),
                capture_output=True,
                text=True,
                timeout=60,
            )
    finally:
        taken.unlink()
    assert done.returncode == 2
    assert 'no company is tracked' in done.stderr
