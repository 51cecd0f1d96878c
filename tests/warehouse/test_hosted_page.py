"""docs/hosted-postgresql.md, line by line, on each PostgreSQL there is."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import psycopg2.errors
import pytest

from cli.conftest import environment
from compose_stack import free_port
from github_warehouse.warehouse.embedded import embedded_server
from simulated import serve
from support import database_url, execute

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / 'docs' / 'hosted-postgresql.md').read_text('utf-8')
# Debian's and Ubuntu's packages install each major version beside others
OLDER = Path('/usr/lib/postgresql/15/bin')
_OWNER = 'github_owner'
pytestmark = pytest.mark.filterwarnings('ignore:XDG_RUNTIME_DIR')


@pytest.fixture(params=['wheel', '15'])
def administered_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A separate server, connected as its superuser."""
    with tempfile.TemporaryDirectory(prefix='warehouse-test-') as folder:
        if request.param == 'wheel':
            with embedded_server(Path(folder)) as url:
                yield url
        else:
            yield from _older_server(Path(folder))


def _older_server(folder: Path) -> Iterator[str]:
    if not OLDER.exists():
        pytest.skip('needs postgresql-15: the page is tested on it, too')
    as_user = []
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root
        shutil.chown(folder, 'postgres')
        as_user = ['setpriv', '--reuid=postgres', '--clear-groups']
    data, port = folder / 'data', free_port()
    options = f'-p {port} -k {folder} -h "" -c fsync=off'
    for program in (
        ['initdb', '--auth=trust', '--username=postgres', f'--pgdata={data}'],
        ['pg_ctl', f'--pgdata={data}', '--wait', f'--log={folder}/log']
        + ['--options', options, 'start'],
    ):
        subprocess.run(
            [*as_user, f'{OLDER}/{program[0]}', *program[1:]],
            check=True,
            stdout=subprocess.DEVNULL,
        )
    try:
        yield f'postgresql://postgres@/postgres?host={folder}&port={port}'
    finally:
        subprocess.run(
            [*as_user, f'{OLDER}/pg_ctl', f'--pgdata={data}']
            + ['--mode=immediate', 'stop'],
            check=True,
            stdout=subprocess.DEVNULL,
        )


def _blocks() -> list[tuple[str, str]]:
    """Return the commands of the page: language and text."""
    return re.findall(r'^```(sql|sh)\n(.*?)^```$', PAGE, re.M | re.S)


def _rows(url: str, statement: str) -> list[tuple[object, ...]]:
    with closing(psycopg2.connect(url)) as connection:
        with closing(connection.cursor()) as cursor:
            cursor.execute(statement)
            return cursor.fetchall()


def _shell(
    lines: str, folder: Path, **given: str
) -> subprocess.CompletedProcess[str]:
    """Run lines of the page, with the command of this checkout."""
    command = folder / 'bin' / 'github-warehouse'
    command.parent.mkdir(exist_ok=True)
    command.write_text(
        f'#!/bin/sh\nexec {sys.executable} -m github_warehouse "$@"\n'
    )
    command.chmod(0o755)
    settings = environment(**given)
    settings['PATH'] = f'{command.parent}:{settings["PATH"]}'
    return subprocess.run(
        ['sh', '-euc', lines],
        cwd=folder,
        env=settings,
        capture_output=True,
        text=True,
    )


def test_the_page_holds_line_by_line(
    administered_url: str, tmp_path: Path
) -> None:
    """The administrator is no superuser, and `public` is closed."""
    execute(administered_url, 'create role admin login createrole')
    execute(administered_url, 'create database analytics owner admin')
    superuser_url = database_url(administered_url, 'analytics')
    execute(superuser_url, 'revoke all on database analytics from public')
    execute(superuser_url, 'revoke all on schema public from public')
    execute(superuser_url, 'create table public.repos (id text)')

    def url(role: str) -> str:
        return superuser_url.replace('//postgres@', f'//{role}@')

    set_up, run, search, revoke, rename, _, second = _blocks()
    assert (set_up[0], run[0], rename[0]) == ('sql', 'sh', 'sql')
    execute(url('admin'), set_up[1])
    (placeholder,) = re.findall(r'WAREHOUSE_URL=(\S+)', run[1])
    with serve('acme:12,ada:3:user', superuser_url) as runs:
        runs.clock.set_to_now()
        given = {
            'GITHUB_API_URL': runs.simulator.url,
            'COMPANIES': 'acme,ada',
        }
        lines = run[1].replace(placeholder, f"'{url('github_owner')}'")
        done = _shell(lines, tmp_path, **given)
        assert done.returncode == 0, done.stderr
        assert '15 snapshots fresh' in done.stdout
        _check_readers(url, search[1], revoke[1])
        execute(url('admin'), rename[1])
        again = lines.replace('SCHEMA=github\n', 'SCHEMA=github_stats\n')
        done = _shell(again, tmp_path, **given)
        assert done.returncode == 0, done.stderr
        assert 'applied' not in done.stdout
        execute(url('admin'), second[1])
        other = lines.replace('SCHEMA=github\n', 'SCHEMA=github_enterprise\n')
        done = _shell(other, tmp_path, **given)
        assert done.returncode == 0, done.stderr
        assert 'applied 0001.dimensions' in done.stdout
    assert _rows(superuser_url, 'select * from public.repos') == []
    schemas = _rows(
        superuser_url,
        "select schemaname from pg_tables where tablename = 'repo_snapshots'"
        ' order by 1',
    )
    assert schemas == [('github_enterprise',), ('github_stats',)]


def _check_readers(
    url: Callable[[str], str], search: str, revoke: str
) -> None:
    for role in ('metabase_ro', 'grafana'):
        assert _rows(
            url(role), 'select count(*) from github.current_repo_metrics'
        ) == [(15,)]
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            execute(url(role), 'select from github.repos')
    execute(url('admin'), search)
    assert _rows(
        url('metabase_ro'), 'select count(*) from current_repo_metrics'
    ) == [(15,)]
    execute(url(_OWNER), revoke)
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        execute(url('grafana'), 'select from github.trending_repos')


def test_a_warehouse_moves_out_of_public(
    administered_url: str, tmp_path: Path
) -> None:
    """Afterwards, `public` is as PostgreSQL creates it."""
    execute(administered_url, 'create role admin login createrole')
    execute(administered_url, 'create database analytics owner admin')
    superuser_url = database_url(administered_url, 'analytics')

    def url(role: str) -> str:
        return superuser_url.replace('//postgres@', f'//{role}@')

    set_up, _, _, _, _, leave_public, _ = _blocks()
    execute(url('admin'), set_up[1])
    execute(url('admin'), 'drop schema github')
    execute(url('admin'), f'grant create on schema public to {_OWNER}')
    given = {
        'WAREHOUSE_URL': url(_OWNER),
        'WAREHOUSE_READERS': 'grafana',
    }
    migrate = 'github-warehouse migrate'
    done = _shell(migrate, tmp_path, **given, WAREHOUSE_SCHEMA='public')
    assert done.returncode == 0, done.stderr
    execute(
        url(_OWNER), 'create view public.growth as select * from public.runs'
    )
    execute(url('admin'), leave_public[1])
    done = _shell(migrate, tmp_path, **given, WAREHOUSE_SCHEMA='github')
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == 'all up to date'
    assert _rows(url('grafana'), 'select from github.company_days') == []
    assert _rows(url(_OWNER), 'select from github.growth') == []
    privileges = """
        select role, has_schema_privilege(role, 'github', 'usage'),
            has_schema_privilege(role, 'public', 'usage')
        from unnest(array['github_owner', 'grafana', 'metabase_ro']) as role
    """
    assert _rows(superuser_url, privileges) == [
        ('github_owner', True, True),
        ('grafana', True, True),
        ('metabase_ro', False, True),
    ]
