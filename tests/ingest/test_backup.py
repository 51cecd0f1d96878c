"""Backups with pg_dump and pg_restore, during runs and without our roles."""

import re
import subprocess
from contextlib import closing
from pathlib import Path
from time import monotonic, sleep

import pytest

from github_warehouse.warehouse.embedded import psql_path
from github_warehouse.warehouse.migrate import migrate
from simulated import Runs, serve
from support import database_url, execute, open_database, warehouse_at

CONTENTS = (
    'select * from companies order by 1',
    'select * from repos order by 1',
    'select * from repo_snapshots order by 1, 2',
    'select * from language_snapshots order by 1, 2, 3',
    'select * from company_daily order by 1, 2',
    'select * from company_language_daily order by 1, 2, 3',
    'select * from ingestion_state order by 1',
    'select * from pipeline_runs order by 1',
)


# the wheel warns about it when its programs are located
pytestmark = pytest.mark.filterwarnings('ignore:XDG_RUNTIME_DIR')
Contents = list[list[tuple[object, ...]]]
ROLES = ('warehouse_owner', 'warehouse_reader')
ROOT = Path(__file__).parents[2]


def _program(name: str) -> str:
    return str(Path(psql_path()).with_name(name))


def _contents(url: str) -> Contents:
    with closing(open_database(url)) as connection:
        with closing(connection.cursor()) as cursor:
            read = []
            for statement in CONTENTS:
                cursor.execute(statement)
                read.append(cursor.fetchall())
            return read


def _begin_dump(url: str) -> subprocess.Popen[bytes]:
    """Start pg_dump and let it block on a full pipe."""
    dump = subprocess.Popen(
        [_program('pg_dump'), '--format=custom', '--compress=0', url],
        stdout=subprocess.PIPE,
    )
    until = monotonic() + 30
    with closing(open_database(url)) as connection:
        connection.autocommit = True
        with closing(connection.cursor()) as cursor:
            while True:
                cursor.execute(
                    'select count(*) from pg_stat_activity'
                    " where application_name = 'pg_dump'"
                    " and state = 'idle in transaction'"
                    ' and clock_timestamp() - state_change > interval \'1 s\''
                )
                if cursor.fetchone() == (1,):
                    return dump
                assert dump.poll() is None and monotonic() < until
                sleep(0.05)


def _restore(
    file: Path, url: str, *options: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [_program('pg_restore'), f'--dbname={url}', *options, str(file)],
        capture_output=True,
        text=True,
    )


def _days(runs: Runs) -> int:
    ((days,),) = runs.query(
        'select count(distinct snapshot_date) from repo_snapshots'
    )
    return int(days)


def test_a_dump_during_retention_is_consistent_and_delays_no_run(
    warehouse_url: str, empty_url: str, tmp_path: Path
) -> None:
    """The dump locks every day; retention gives up after two seconds."""
    file = tmp_path / 'dump'
    with serve('acme:300,ada:3:user', warehouse_url) as runs:
        for _ in range(12):
            runs.run()
            runs.next_day()
        before = _contents(warehouse_url)
        with _begin_dump(warehouse_url) as dump:
            # a new day, and a second run of the same day
            for _ in range(2):
                began = monotonic()
                runs.run(retention_days=3)
                assert monotonic() - began < 10
            assert _days(runs) == 13
            assert dump.stdout is not None
            file.write_bytes(dump.stdout.read())
        assert dump.returncode == 0
        runs.run(retention_days=3)
        assert _days(runs) == 4
    restored = _restore(file, empty_url, '--exit-on-error')
    assert restored.returncode == 0, restored.stderr
    assert _contents(empty_url) == before


@pytest.fixture
def stack_dump(own_server_url: str, tmp_path: Path) -> tuple[Path, Contents]:
    """A dump of a warehouse with the stack's roles, which are then dropped."""
    for role in ROLES:
        execute(own_server_url, f'create role {role} login')
    execute(own_server_url, 'create database warehouse')
    subprocess.run(
        [_program('psql'), '--quiet', own_server_url]
        + ['--set=ON_ERROR_STOP=1', '--set=database=warehouse']
        + [f'--file={ROOT}/containers/bootstrap/database.sql'],
        check=True,
    )
    url = database_url(own_server_url, 'warehouse')
    owner_url = url.replace('//postgres@', '//warehouse_owner@')
    migrate(warehouse_at(owner_url))
    with serve('acme:12,ada:3:user', owner_url) as runs:
        runs.run()
    file = tmp_path / 'stack.dump'
    with file.open('wb') as opened:
        subprocess.run(
            [_program('pg_dump'), '--format=custom', url],
            stdout=opened,
            check=True,
        )
    contents = _contents(url)
    execute(own_server_url, 'drop database warehouse')
    for role in ROLES:
        execute(own_server_url, f'drop role {role}')
    return file, contents


def test_a_dump_is_restored_elsewhere_as_the_runbook_says(
    own_server_url: str, stack_dump: tuple[Path, Contents]
) -> None:
    """It is restored by a role without superuser rights or our roles."""
    file, contents = stack_dump
    execute(own_server_url, 'create role another_owner login')
    execute(own_server_url, 'create database elsewhere owner another_owner')
    url = database_url(own_server_url, 'elsewhere').replace(
        '//postgres@', '//another_owner@'
    )
    runbook = (ROOT / 'docs' / 'runbook.md').read_text('utf-8')
    (options,) = re.findall(
        r'^    pg_restore (--[a-z -]+) --dbname=', runbook, re.M
    )
    restored = _restore(file, url, *options.split())
    assert (restored.returncode, restored.stderr) == (0, '')
    assert _contents(url) == contents
    assert migrate(warehouse_at(url)) == []
    with serve('acme:12,ada:3:user', url) as runs:
        runs.next_day()
        runs.run()
        assert _days(runs) == 2


def test_a_restore_without_options_lacks_the_roles_and_no_row(
    own_server_url: str, stack_dump: tuple[Path, Contents]
) -> None:
    file, contents = stack_dump
    execute(own_server_url, 'create database elsewhere')
    url = database_url(own_server_url, 'elsewhere')
    restored = _restore(file, url)
    assert restored.returncode == 1
    errors = re.findall('^pg_restore: error: (.*)$', restored.stderr, re.M)
    assert errors and all(
        re.search(f'role "({"|".join(ROLES)})" does not exist', error)
        for error in errors
    )
    assert _contents(url) == contents
