"""The running stack; each test leaves it up and healthy."""

import os
import re
import shutil
import subprocess
import time
from contextlib import closing
from pathlib import Path

import psycopg2
import psycopg2.errors
import pytest
import requests

from compose_stack import Stack

pytestmark = pytest.mark.stack
REPOSITORIES = 160 + 90 + 60 + 12
EVERY_MINUTE = (
    "sed 's/^0 2 /* * /' /usr/local/share/ingest.crontab"
    ' >/etc/cron.d/every-minute'
)


def _connect(url: str) -> psycopg2.extensions.connection:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    return connection


def _execute(url: str, statement: str) -> None:
    with closing(_connect(url)) as connection:
        with closing(connection.cursor()) as cursor:
            cursor.execute(statement)


def _contents(stack: Stack) -> str:
    return stack.query("""
        select repo_id, snapshot_date, stars, forks, open_issues
        from repo_snapshots order by 1, 2;
        select * from language_snapshots order by 1, 2, 3;
        select * from company_daily order by 1, 2;
        select * from repos order by id;
    """)


def test_the_stack_starts_healthy_and_prints_its_url(stack: Stack) -> None:
    print(f'healthy in {stack.seconds_to_healthy:.1f} s')
    port = stack.environment['DASHBOARD_PUBLISHED_PORT']
    assert f'http://127.0.0.1:{port}' in stack.output
    assert 'make demo-stack-down' in stack.output


def test_the_dashboards_are_published_without_a_click(stack: Stack) -> None:
    """The double of Metabase checks every card and every filter."""
    assert 'Overview: 12 cards published and checked' in stack.output
    port = stack.environment['DASHBOARD_PUBLISHED_PORT']
    url = f'http://127.0.0.1:{port}/__double/lint'
    answer = requests.get(url, timeout=60)
    if answer.headers.get('Content-Type', '').startswith('text/html'):
        pytest.skip(
            'needs the double of Metabase: the real one has no such check'
        )
    assert answer.json() == {'problems': []}


def test_the_first_start_ingests_immediately(stack: Stack) -> None:
    stack.wait_for('the first run', lambda: stack.runs() >= 1)
    assert stack.query('select count(*) from repo_snapshots') == str(
        REPOSITORIES
    )
    assert stack.query(
        'select property_value from warehouse_properties'
        " where property_name = 'api_host'"
    ) == ('github')


def test_cron_runs_the_ingest_as_another_user_and_logs_its_output(
    stack: Stack,
) -> None:
    before = stack.runs()
    began = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())
    in_pipelinerunner = ('exec', '-T', 'pipelinerunner', 'sh', '-c')
    stack.compose(*in_pipelinerunner, EVERY_MINUTE)
    try:
        stack.wait_for('cron', lambda: stack.runs() > before, seconds=75)
    finally:
        stack.compose(*in_pipelinerunner, 'rm /etc/cron.d/every-minute')
    logs = stack.compose('logs', '--since', began, 'pipelinerunner')
    assert f'4 companies; {REPOSITORIES} snapshots fresh' in logs
    owners = stack.compose(
        *in_pipelinerunner, 'stat -c %u /tmp/github-warehouse-*'
    )
    assert set(owners.split()) == {'10001'}


def test_settings_reach_cron_unchanged_and_readable(
    stack: Stack,
) -> None:
    """Cron passes no settings: they are read from the first process."""
    odd = stack.compose(
        *('run', '--rm', '--no-deps', '-T', '--entrypoint', 'env'),
        *('-e', 'COMPANIES=a b"c$d#e%f', 'pipelinerunner', '-i'),
        *('/opt/venv/bin/python', '-I', '-c'),
        'import runpy, os;'
        "m = runpy.run_path('/usr/local/bin/github-warehouse');"
        "print(m['container_environment']()['COMPANIES']);"
        "print(m['secrets']()['GITHUB_TOKEN']);"
        "print(m['become']('app'), os.getuid(), os.getgroups())",
    )
    assert odd.splitlines() == [
        'a b"c$d#e%f',
        'simulated-token',
        '/home/app 10001 []',
    ]


def test_a_concurrent_run_is_skipped(stack: Stack) -> None:
    ingest = ('exec', '-T', 'pipelinerunner', 'github-warehouse', 'ingest')
    stack.compose('pause', 'github')
    try:
        with subprocess.Popen(
            ['scripts/compose', *ingest],
            cwd=stack.folder,
            env=stack.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as first:
            locked = 'ls /tmp/github-warehouse-*/*.lock'
            stack.wait_for(
                'the first to begin',
                # root lacks the capability to read a private folder there
                lambda: stack.run(
                    *('scripts/compose', 'exec', '-T', '--user', 'app'),
                    *('pipelinerunner', 'sh', '-c', locked),
                ).returncode
                == 0,
            )
            second = stack.run('scripts/compose', *ingest)
            stack.compose('unpause', 'github')
            output = first.communicate(timeout=120)[0]
    finally:
        stack.run('scripts/compose', 'unpause', 'github')
    assert second.returncode == 75, second.stderr
    assert first.returncode == 0, output


@pytest.mark.parametrize(
    'service', ['pipelinerunner', 'dashboard', 'github', 'warehouse']
)
def test_the_stack_stops_in_two_seconds(stack: Stack, service: str) -> None:
    began = time.monotonic()
    stack.compose('stop', service)
    seconds = time.monotonic() - began
    stack.compose('up', '--detach', '--wait', '--no-deps', service)
    print(f'{service} stopped in {seconds:.1f} s')
    assert seconds < 2


def test_every_make_target_works(stack: Stack) -> None:
    assert 'all up to date' in stack.check('make', 'warehouse-migration')
    stack.check('make', 'stop-etl')
    assert 'Exited' in stack.check('make', 'ps')
    stack.check('make', 'start-etl')
    assert 'snapshots fresh' in stack.check('make', 'ingest')
    assert 'snapshots fresh' in stack.check('make', 'logs')
    for target in ('psql', 'shell'):
        stack.check('make', target)


def test_no_data_is_lost_by_restart_down_and_up(stack: Stack) -> None:
    stack.check('make', 'ingest')
    contents = _contents(stack)
    stack.compose('restart')
    stack.up()
    assert _contents(stack) == contents
    stack.compose('down')
    stack.up()
    assert _contents(stack) == contents


def test_a_start_after_more_than_a_day_catches_up_once(stack: Stack) -> None:
    stack.check('make', 'ingest')
    stack.query(
        "update ingestion_state set last_run = last_run - interval '25 hours'"
    )
    before = stack.runs()
    stack.compose('restart', 'pipelinerunner')
    stack.wait_for('the run', lambda: stack.runs() == before + 1)
    stack.compose('restart', 'pipelinerunner')
    stack.up()
    stack.wait_for(
        'the second look',
        lambda: not _is_starting(stack),
    )
    assert stack.runs() == before + 1


def _is_starting(stack: Stack) -> bool:
    processes = stack.compose('top', 'pipelinerunner')
    return 'github_warehouse' in processes


def test_a_new_company_is_read_immediately(stack: Stack) -> None:
    own = stack.folder / 'containers/demo-stack.env'
    before = own.read_text()
    own.write_text(
        before.replace('COMPANIES=acme-robotics,', 'COMPANIES=ACME-Robotics,')
    )
    stack.up()
    assert not _is_starting(stack)
    runs = stack.runs()
    try:
        own.write_text(
            before.replace('COMPANIES=', 'COMPANIES=no-such-account,')
        )
        stack.up()
        logged = 'docker compose logs'
        stack.wait_for(
            logged,
            lambda: 'no-such-account'
            in stack.compose('logs', '--tail', '3', 'pipelinerunner'),
        )
    finally:
        own.write_text(before)
        stack.up()
    assert stack.runs() >= runs


def test_no_secret_is_shown(stack: Stack) -> None:
    ids = stack.compose('ps', '--all', '--quiet').split()
    images = stack.compose('config', '--images').split()
    shown = [
        stack.check('docker', 'inspect', *ids),
        stack.check('docker', 'inspect', *images),
        stack.compose('logs'),
        stack.compose('top'),
        stack.compose('config'),
    ]
    shown += [
        stack.check('docker', 'history', '--no-trunc', image)
        for image in images
    ]
    shown += [
        stack.compose('exec', '-T', service, 'env')
        for service in ('warehouse', 'pipelinerunner', 'dashboard', 'github')
    ]
    secrets = stack.secrets
    assert len(secrets) == 8
    for name, value in secrets.items():
        if name != 'GITHUB_TOKEN':  # the simulated GitHub prints it
            assert not [text[:99] for text in shown if value in text], name
    mode = (stack.folder / '.demo-stack/env.local').stat().st_mode & 0o777
    assert mode == 0o600


def test_nothing_listens_beyond_loopback_and_no_job_is_root(
    stack: Stack,
) -> None:
    ports = stack.check(
        *('docker', 'ps', '--format', '{{.Ports}}', '--filter'),
        f'label=com.docker.compose.project={stack.project}',
    )
    published = [p for p in ports.replace(',', '\n').split('\n') if '->' in p]
    assert len(published) == 2
    assert all(p.strip().startswith('127.0.0.1:') for p in published)
    for service, user in (
        ('warehouse', '999'),
        ('dashboard', '2000'),
        ('github', '10001'),
        ('pipelinerunner', '0'),  # cron; its jobs run as 10001, see above
    ):
        uid = stack.compose('exec', '-T', service, 'id', '-u').strip()
        assert uid == user, service


@pytest.mark.parametrize(
    'service', ['warehouse', 'pipelinerunner', 'dashboard', 'github']
)
def test_a_container_cannot_change_its_files(
    stack: Stack, service: str
) -> None:
    done = stack.run(
        *('scripts/compose', 'exec', '-T', service),
        *('sh', '-c', 'touch /usr/local/bin/x'),
    )
    assert done.returncode and 'Read-only file system' in done.stderr


@pytest.mark.parametrize(
    ('service', 'capabilities'),
    [
        ('warehouse', 0),
        # SETGID and SETUID, as linux/capability.h numbers them
        ('pipelinerunner', 1 << 6 | 1 << 7),
        ('dashboard', 0),
        ('github', 0),
    ],
)
def test_a_container_has_only_its_capabilities(
    stack: Stack, service: str, capabilities: int
) -> None:
    read = ('exec', '-T', service, 'cat', '/proc/1/status')
    status = dict(
        line.split(':\t', 1)
        for line in stack.compose(*read).splitlines()
        if ':\t' in line
    )
    for kind in ('CapPrm', 'CapEff', 'CapBnd'):
        assert int(status[kind], 16) in (0, capabilities), kind
    assert int(status['CapBnd'], 16) == capabilities
    assert status['NoNewPrivs'] == '1'


@pytest.mark.parametrize(
    'statement',
    [
        'create role anybody',
        'create database anything',
        'alter role warehouse_owner superuser',
        "copy (select 1) to program 'true'",
        'drop database warehouse',
    ],
)
def test_the_owner_has_only_the_privileges_of_an_owner(
    stack: Stack, statement: str
) -> None:
    url = stack.url('warehouse_owner', 'WAREHOUSE_PASSWORD')
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        _execute(url, statement)


def test_the_reader_can_read_only_views_and_totals(
    stack: Stack,
) -> None:
    url = stack.url('warehouse_reader', 'WAREHOUSE_READER_PASSWORD')
    for readable in ('trending_repos', 'company_daily', 'data_freshness'):
        _execute(url, f'select * from {readable} limit 1')
    for hidden in (
        'repos',
        'repo_snapshots',
        'ingestion_state',
        "lo_from_bytea(0, 'x')",
    ):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            _execute(url, f'select * from {hidden}')
    for statement in ('delete from company_daily', 'create table t (i int)'):
        with pytest.raises(
            (
                psycopg2.errors.InsufficientPrivilege,
                psycopg2.errors.ReadOnlySqlTransaction,
            )
        ):
            _execute(url, statement)
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            _execute(url, f'set transaction_read_only = off; {statement}')


@pytest.mark.parametrize(
    ('role', 'secret', 'database'),
    [
        ('warehouse_checks', 'CHECKS_PASSWORD', 'warehouse'),
        ('warehouse_checks', 'CHECKS_PASSWORD', 'metabase'),
        ('warehouse_checks', 'CHECKS_PASSWORD', 'postgres'),
        ('warehouse_owner', 'WAREHOUSE_PASSWORD', 'metabase'),
        ('warehouse_reader', 'WAREHOUSE_READER_PASSWORD', 'metabase'),
        ('metabase', 'METABASE_DB_PASSWORD', 'warehouse'),
        ('postgres', 'POSTGRES_PASSWORD', 'warehouse'),
    ],
)
def test_roles_cannot_connect_where_they_have_no_access(
    stack: Stack, role: str, secret: str, database: str
) -> None:
    with pytest.raises(psycopg2.OperationalError, match='denied|failed'):
        _execute(stack.url(role, secret, database), 'select 1')


def test_the_checks_run_in_a_container_on_its_postgresql(
    stack: Stack,
) -> None:
    stack.check('scripts/build', 'checks')
    more = re.findall(
        '^CAPABILITIES_OF_ROOT := .*=,(.*)\\)$',
        (stack.folder / 'Makefile').read_text(),
        re.M,
    )
    assert len(more) == 1
    added = [f'--cap-add={each}' for each in more[0].split()]
    output = stack.compose(
        *('run', '--rm', '-T', *(added if os.getuid() == 0 else ())),
        *('checks', '/opt/venv/bin/pytest'),
        *('-p', 'no:cacheprovider', 'tests/views', 'tests/warehouse'),
    )
    assert 'on warehouse, as warehouse_checks' in output
    assert ' passed' in output and ' failed' not in output
    assert stack.query(
        "select count(*) from pg_database where datname ~ 'github_warehouse_'"
    ) == ('0')


def _started(stack: Stack, service: str) -> str:
    container = stack.compose('ps', '--quiet', service).strip()
    return stack.check('docker', 'inspect', '-f', '{{.Created}}', container)


def test_new_passwords_are_applied(stack: Stack) -> None:
    own = stack.folder / '.demo-stack/env.local'
    before = own.read_text()
    kept = [
        line
        for line in before.splitlines()
        if not line.startswith(('WAREHOUSE_', 'METABASE_DB'))
    ]
    own.write_text('\n'.join(kept))
    created = _started(stack, 'dashboard')
    stack.up()
    assert own.read_text().count('PASSWORD') == before.count('PASSWORD')
    assert stack.secrets['WAREHOUSE_PASSWORD'] not in before
    assert stack.secrets['METABASE_ENCRYPTION_KEY'] in before
    # Metabase reads its password only at startup
    assert _started(stack, 'dashboard') != created
    stack.check('make', 'ingest')
    _execute(
        stack.url('warehouse_reader', 'WAREHOUSE_READER_PASSWORD'), 'select 1'
    )


def test_deleted_secrets_are_regenerated(stack: Stack) -> None:
    folder = stack.folder / '.demo-stack/secrets'
    shutil.rmtree(folder)
    stack.up()
    stack.check('make', 'ingest')


def test_losing_all_secrets_loses_no_row(stack: Stack) -> None:
    """The steps are those of docs/stack.md under "env.local is lost"."""
    contents = _contents(stack)
    shutil.rmtree(stack.folder / '.demo-stack')
    assert stack.run('make', 'demo-stack').returncode
    (stack.folder / '.demo-stack').mkdir()
    (stack.folder / '.demo-stack/env.local').write_text(
        f'METABASE_ENCRYPTION_KEY={"0123456789abcdef" * 3}\n'
    )
    stack.run('make', 'demo-stack')
    stack.compose('stop', 'dashboard')
    stack.compose(
        *('exec', '-T', 'warehouse', 'dropdb', '--username=postgres'),
        *('--force', 'metabase'),
    )
    stack.up()
    assert _contents(stack) == contents
    stack.check('make', 'ingest')


def test_two_stacks_run_side_by_side(stack: Stack) -> None:
    command = ['make', '--no-print-directory', 'demo-stack']
    both = [
        subprocess.Popen(
            command,
            cwd=stack.folder,
            env=stack.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(2)
    ]
    output = [process.communicate(timeout=300)[0] for process in both]
    codes = sorted(process.returncode for process in both)
    assert codes == [0, 2], output
    assert 'another make up' in ''.join(output)
    stack.up()


def test_a_backup_is_restored_into_a_fresh_stack(
    stack: Stack, tmp_path: Path
) -> None:
    stack.check('make', 'ingest')
    backup = tmp_path / 'kept.dump'
    stack.check('make', 'backup', f'FILE={backup}')
    assert backup.stat().st_mode & 0o777 == 0o600
    contents, runs = _contents(stack), stack.runs()
    stack.check('make', 'demo-stack-down')
    stack.up()
    stack.wait_for('the first run', lambda: stack.runs() == 1)
    assert runs > 1
    stack.check('make', 'restore', f'FILE={backup}')
    assert (_contents(stack), stack.runs()) == (contents, runs)
    stack.check('make', 'ingest')
    _execute(
        stack.url('warehouse_reader', 'WAREHOUSE_READER_PASSWORD'),
        'select * from trending_repos',
    )


def _refused(stack: Stack, file: Path) -> str:
    before = _contents(stack), stack.runs()
    done = stack.run('make', 'restore', f'FILE={file}')
    assert done.returncode
    assert (_contents(stack), stack.runs()) == before
    return done.stderr


def test_a_file_that_is_not_a_backup_changes_nothing(
    stack: Stack, tmp_path: Path
) -> None:
    backup = tmp_path / 'the warehouse.dump'
    stack.check('make', 'backup', f'FILE={backup}')
    for name, content in (
        ('empty', b''),
        ('garbage', b'garbage'),
        ('cut', backup.read_bytes()[:-100]),
    ):
        broken = tmp_path / name
        broken.write_bytes(content)
        assert 'is not a complete backup' in _refused(stack, broken)
    other = tmp_path / 'other.dump'
    with other.open('wb') as file:
        subprocess.run(
            ['scripts/compose', 'exec', '-T', 'warehouse', 'pg_dump']
            + ['-Fc', '-U', 'postgres', '-d', 'metabase'],
            cwd=stack.folder,
            env=stack.environment,
            stdout=file,
            check=True,
        )
    assert 'does not contain a warehouse' in _refused(stack, other)
    assert 'does not exist' in _refused(stack, tmp_path / 'nowhere')


def test_a_killed_restore_is_completed_by_the_next(
    stack: Stack, tmp_path: Path
) -> None:
    backup = tmp_path / 'kept.dump'
    stack.check('make', 'backup', f'FILE={backup}')
    contents = _contents(stack)
    stack.compose('stop', 'pipelinerunner')
    stack.query(
        'alter database warehouse rename to warehouse_replaced',
        database='postgres',
    )
    stack.query('create database warehouse_restored', database='postgres')
    stack.check('make', 'restore', f'FILE={backup}')
    assert _contents(stack) == contents
    # it was stopped before and stays stopped
    assert 'Exited' in stack.check('make', 'ps')
    assert stack.query(
        "select datname from pg_database where datname ~ 'warehouse_r'"
    ) == ('')
    with pytest.raises(psycopg2.OperationalError, match='denied'):
        _execute(stack.url('metabase', 'METABASE_DB_PASSWORD'), 'select 1')
    stack.up()


def test_the_demo_leaves_another_project_alone(stack: Stack) -> None:
    """Even if the shell has Compose settings."""
    named = stack.check(
        *('scripts/compose', 'config'),
        COMPOSE_PROFILES='other',
        SECRETS_DIRECTORY='./elsewhere',
        COMPANIES='real',
        GITHUB_API_URL='https://api.github.com',
    )
    assert f'name: {stack.project}' in named
    for other in ('elsewhere', 'COMPANIES: real', 'api.github.com'):
        assert other not in named
    assert 'simulate' in named


def test_the_stack_starts_empty_without_its_volumes(stack: Stack) -> None:
    stack.compose('down', '--volumes')
    stack.up()
    stack.wait_for('the first run', lambda: stack.runs() == 1)
    assert stack.query('select count(*) from repo_snapshots') == str(
        REPOSITORIES
    )


def test_days_are_attached_and_dropped_by_the_owner(stack: Stack) -> None:
    stack.compose('down', '--volumes')
    stack.compose('up', '--detach', '--wait', 'github', 'warehouse')
    stack.compose('run', '--rm', 'bootstrap')
    owner = ('run', '--rm', '--no-deps', '-T', '--entrypoint')
    command = (*owner, 'github-warehouse', 'pipelinerunner')
    stack.compose(*command, 'migrate')
    today = int(time.time() // 86400)
    for days_ago in (40, 39, 1):
        moment = time.gmtime((today - days_ago) * 86400)
        stack.compose(
            *(*command, 'ingest', '--as-of'),
            time.strftime('%Y-%m-%dT02:00:00Z', moment),
        )
    stack.up()
    stack.check('make', 'ingest')
    assert (
        stack.query("""
        select count(distinct snapshot_date), min(snapshot_date) from
        repo_snapshots;
        select count(distinct snapshot_date) from company_daily;
        select distinct tableowner from pg_tables
        where schemaname = current_schema();
    """).splitlines()
        == [
            '31|'
            + time.strftime('%Y-%m-%d', time.gmtime((today - 30) * 86400)),
            '41',
            'warehouse_owner',
        ]
    )
