"""Bad input gives a one-line error and an exit code, and writes nothing."""

import json
import socket
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cli.conftest import Command
from github_simulator import Simulator, World, parse_accounts
from github_warehouse.config import read_settings
from github_warehouse.model import utc_now
from github_warehouse.warehouse.connection import open_warehouse
from support import execute, open_database, server_setting


def _rows(url: str) -> int:
    tables = (
        'companies',
        'repos',
        'languages',
        'repo_snapshots',
        'ingestion_state',
        'pipeline_run_companies',
    )
    with closing(open_database(url)) as connection:
        with closing(connection.cursor()) as cursor:
            rows = 0
            for table in tables:
                cursor.execute(f'select count(*) from {table}')
                rows += (cursor.fetchone() or (0,))[0]
            return rows


@pytest.mark.parametrize(
    ('settings', 'arguments', 'exit_code', 'words'),
    [
        ({'COMPANIES': 'no-such'}, (), 2, 'no account no-such'),
        ({'COMPANIES': 'acme/rocket'}, (), 2, 'not a GitHub login'),
        ({'COMPANIES': ''}, (), 2, 'COMPANIES is set but empty'),
        ({'COMPANIES': ' , '}, (), 2, 'COMPANIES contains no login'),
        ({}, (), 2, 'no company is tracked'),
        ({'COMPANIES': 'acme'}, ('ada',), 2, 'ada is not tracked'),
        ({'COMPANIES': 'acme'}, ('a b',), 2, 'not a GitHub login'),
        ({'COMPANIES': 'acme', 'GITHUB_TOKEN': ''}, (), 2, 'GITHUB_TOKEN'),
        ({'COMPANIES': 'acme', 'GITHUB_TOKEN': 'x'}, (), 1, 'GITHUB_TOKEN'),
        ({'COMPANIES': 'acme', 'GITHUB_API_URL': 'x'}, (), 2, 'API_URL'),
        ({'COMPANIES': 'acme', 'RETENTION_DAYS': '1'}, (), 2, '2 to 400'),
        ({'COMPANIES': 'acme'}, ('--as-of', '2999-01-01'), 2, 'in the future'),
        ({'COMPANIES': 'acme'}, ('--as-of', 'today'), 2, 'ISO 8601'),
        (
            {'COMPANIES': 'acme'},
            ('--as-of', '0001-01-01T00:00:00+14:00'),
            2,
            'ISO 8601',
        ),
    ],
)
def test_ingest_refuses_bad_input(
    command: Command,
    simulator: Simulator,
    warehouse_url: str,
    settings: dict[str, str],
    arguments: tuple[str, ...],
    exit_code: int,
    words: str,
) -> None:
    given = {
        'WAREHOUSE_URL': warehouse_url,
        'GITHUB_API_URL': simulator.url,
        'GITHUB_TOKEN': 'simulated-token',
    }
    done = command('ingest', *arguments, **(given | settings))
    assert done.returncode == exit_code
    assert words in done.stderr.strip().splitlines()[-1]
    assert 'Traceback' not in done.stderr
    assert _rows(warehouse_url) == 0


def test_graphql_without_a_token_is_refused(
    command: Command, simulator: Simulator, warehouse_url: str
) -> None:
    done = command(
        'ingest',
        '--source',
        'graphql',
        WAREHOUSE_URL=warehouse_url,
        GITHUB_API_URL=simulator.url,
        COMPANIES='acme',
    )
    assert done.returncode == 2
    assert 'GITHUB_TOKEN is not set' in done.stderr


@pytest.mark.parametrize(
    ('settings', 'words'),
    [
        ({'WAREHOUSE_URL': ''}, 'WAREHOUSE_URL is set but empty'),
        ({'WAREHOUSE_URL': 'mysql://x/y'}, 'not a PostgreSQL URL'),
        ({'WAREHOUSE_URL': 'postgresql://host:x/y'}, 'not a PostgreSQL URL'),
        ({'WAREHOUSE_HOST': 'db'}, 'WAREHOUSE_PORT, WAREHOUSE_DB'),
        (
            {'WAREHOUSE_URL': 'postgresql://h/d', 'WAREHOUSE_HOST': 'db'},
            'both set',
        ),
        ({'CI': 'true'}, 'CI is set, so WAREHOUSE_DIR has no default'),
        ({'CI': 'true', 'WAREHOUSE_DIR': ''}, 'WAREHOUSE_DIR is set but'),
        ({'WAREHOUSE_DIR': '~no-such-user/x'}, 'no such home directory'),
        ({'LOG_FORMAT': 'xml'}, 'console or json'),
        ({'GITHUB_API_URL': 'http://ghe.example'}, 'GITHUB_API_INSECURE=on'),
        ({'RETENTION_DAYS': '9' * 5000}, 'must be a whole number'),
        (
            {'WAREHOUSE_MIGRATION_URL': 'postgresql://h/d'},
            'WAREHOUSE_URL is not',
        ),
    ],
)
def test_invalid_settings_are_refused(
    command: Command, tmp_path: Path, settings: dict[str, str], words: str
) -> None:
    done = command('migrate', **settings)
    assert done.returncode == 2
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    'url',
    [
        'postgresql://u:se%cret@127.0.0.1/db',
        'postgresql://u:12/secret@127.0.0.1/db',
        'postgresql://u:pa@secret@127.0.0.1/db',
        'postgresql://u:pa#secret@127.0.0.1/db',
        'postgresql://u:pa?secret@127.0.0.1/db',
        'postgresql://127.0.0.1/db?password=secret%zz',
        'postgresql://u:secret%00@127.0.0.1/db',
        'postgresql://u:secret%ff@127.0.0.1/db',
        'postgresql://127.0.0.1/db?password=secret%00',
    ],
)
def test_a_password_with_special_characters_is_not_shown(
    command: Command, url: str
) -> None:
    done = command('migrate', WAREHOUSE_URL=url)
    assert done.returncode == 2
    assert 'as %40' in done.stderr
    assert 'cret' not in done.stderr + done.stdout


def test_a_user_without_create_permission_is_reported(
    command: Command, own_server_url: str
) -> None:
    execute(own_server_url, 'create role guest login')
    socket = urlsplit(own_server_url).query
    done = command(
        'migrate', WAREHOUSE_URL=f'postgresql://guest@/postgres?{socket}'
    )
    assert done.returncode == 1
    assert 'grant create on schema public' in done.stderr


def test_an_unreachable_database_is_a_one_line_error(command: Command) -> None:
    done = command(
        'migrate', WAREHOUSE_URL='postgresql://u:secret@127.0.0.1:1/d'
    )
    assert done.returncode == 1
    assert 'cannot connect to the PostgreSQL database d' in done.stderr
    assert 'Connection refused' in done.stderr
    assert 'secret' not in done.stderr + done.stdout
    assert len(done.stderr.splitlines()) == 1


def test_a_run_without_a_number_logs_none(command: Command) -> None:
    done = command(
        'ingest',
        WAREHOUSE_URL='postgresql://u:secret@127.0.0.1:1/d',
        LOG_FORMAT='json',
    )
    assert done.returncode == 1
    (end,) = [
        json.loads(line)
        for line in done.stderr.splitlines()
        if '"run ends"' in line
    ]
    assert end['status'] == 'failed'
    assert 'run' not in end


def test_a_wrong_password_is_a_one_line_error(
    command: Command, own_server_url: str
) -> None:
    execute(own_server_url, "create role stranger login password 'right'")
    rules = Path(server_setting(own_server_url, 'hba_file'))
    rules.write_text('local all stranger scram-sha-256\n' + rules.read_text())
    execute(own_server_url, 'select pg_reload_conf()')
    done = command(
        'migrate',
        WAREHOUSE_URL='postgresql://stranger:wr0ng@/postgres?'
        + urlsplit(own_server_url).query,
    )
    assert done.returncode == 1
    assert 'password authentication failed' in done.stderr
    assert 'wr0ng' not in done.stderr + done.stdout
    assert len(done.stderr.splitlines()) == 1


def test_an_empty_database_asks_for_migrate(
    command: Command, simulator: Simulator, empty_url: str
) -> None:
    done = command(
        'ingest',
        WAREHOUSE_URL=empty_url,
        GITHUB_API_URL=simulator.url,
        GITHUB_TOKEN='simulated-token',
        COMPANIES='acme',
    )
    assert done.returncode == 2
    assert 'run `github-warehouse migrate` first' in done.stderr


@pytest.mark.parametrize(
    'arguments',
    [
        ('audit',),
        ('companies',),
        ('export', 'top_languages'),
        ('psql',),
        ('report',),
        ('status',),
        ('untrack', 'acme'),
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_missing_warehouse_is_not_created(
    command: Command, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    done = command(*arguments, WAREHOUSE_DIR='mistyped')
    assert done.returncode == 2
    assert done.stderr == (
        'github-warehouse: there is no warehouse in mistyped: '
        '`github-warehouse ingest` creates one; if yours is elsewhere, set '
        'WAREHOUSE_DIR to its folder\n'
    )
    assert list(tmp_path.iterdir()) == []


def test_the_embedded_warehouse_is_created_and_upgraded_without_a_command(
    command: Command, tmp_path: Path
) -> None:
    world = World.generate(
        parse_accounts('acme:3'), seed=1, today=utc_now().date()
    )
    with Simulator(world, tokens=('simulated',)) as simulator:
        done = command(
            'ingest',
            WAREHOUSE_DIR='new',
            GITHUB_API_URL=simulator.url,
            GITHUB_TOKEN='simulated',
            COMPANIES='acme',
        )
    assert done.returncode == 0, done.stderr
    # as in an earlier version, without one of the current views
    settings = read_settings({'WAREHOUSE_DIR': str(tmp_path / 'new')})
    with open_warehouse(settings) as warehouse:
        execute(warehouse.url, 'drop view data_freshness')
    done = command('status', WAREHOUSE_DIR='new')
    assert done.returncode == 0, done.stderr
    assert 'acme' in done.stdout


@pytest.mark.parametrize('name', ['migrate', 'status'])
def test_a_file_as_warehouse_folder_is_refused(
    command: Command, tmp_path: Path, name: str
) -> None:
    (tmp_path / 'here').touch()
    done = command(name, WAREHOUSE_DIR='here')
    assert done.returncode == 2
    assert done.stderr == (
        'github-warehouse: here is a file: set WAREHOUSE_DIR to a folder\n'
    )


def test_a_port_in_use_is_a_one_line_error(command: Command) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(('127.0.0.1', 0))
        taken.listen()
        done = command('simulate', '--port', str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert 'port' in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ('arguments', 'words'),
    [
        (('--accounts', 'acme'), 'acme'),
        (
            ('--accounts', 'acme:-1'),
            "'-1' is not a number of repositories for acme",
        ),
        (('--load', 'absent.json'), 'absent.json'),
        (('--load', 'a', '--accounts', 'b:1'), 'cannot be combined'),
        (('--port', '70000'), '70000'),
        (('--today', '0001-01-01'), 'GitHub opened on 2008-04-10'),
    ],
)
def test_an_invalid_simulation_is_refused(
    command: Command, arguments: tuple[str, ...], words: str
) -> None:
    done = command('simulate', *arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert 'Traceback' not in done.stderr


def test_every_command_has_help(command: Command) -> None:
    for arguments in ((), ('migrate',), ('ingest',), ('demo',), ('simulate',)):
        done = command(*arguments, '--help')
        assert done.returncode == 0
        assert done.stdout.startswith('Usage:')
