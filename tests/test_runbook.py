"""The runbook's commands exist and solve real faults in real processes."""

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, time
from pathlib import Path
from time import monotonic, sleep

import click
import pytest

from cli.conftest import environment
from github_simulator import (
    Simulator,
    World,
    faults,
    parse_accounts,
)
from github_warehouse.cli import cli
from github_warehouse.config import read_settings
from github_warehouse.ingest import ingest
from github_warehouse.run_result import RunOptions
from support import execute, open_database, warehouse_at

ROOT = Path(__file__).parents[1]
RUNBOOK = (ROOT / 'docs' / 'runbook.md').read_text('utf-8')
# Commands in running text may span two lines.
FLAT = re.sub(r'\s+', ' ', RUNBOOK)
Run = Callable[..., subprocess.CompletedProcess[str]]


def test_every_named_command_and_option_exists() -> None:
    named = re.findall(r'github-warehouse ([a-z]+)([^`\n]*)', RUNBOOK)
    assert len(named) > 40
    for name, arguments in named:
        command = cli.commands[name]
        options = {
            option
            for parameter in command.params
            if isinstance(parameter, click.Option)
            for option in parameter.opts
        }
        if name != 'psql':
            named_options = set(re.findall(r'--[a-z-]+', arguments))
            assert named_options <= options, name


def test_every_named_make_target_exists() -> None:
    named = set(re.findall(r'`make ([a-z-]+)', FLAT))
    makefile = (ROOT / 'Makefile').read_text('utf-8')
    assert len(named) > 5
    assert named <= set(re.findall(r'^\.PHONY: ([a-z-]+)$', makefile, re.M))


def test_every_linked_section_exists() -> None:
    sections = {
        re.sub(r'[^a-z0-9 -]', '', title.lower()).replace(' ', '-')
        for title in re.findall(r'^## (.+)$', RUNBOOK, re.M)
    }
    assert len(sections) > 15
    assert set(re.findall(r'\]\(#([a-z0-9-]+)\)', RUNBOOK)) <= sections


@pytest.fixture
def world() -> World:
    """A company that is read incrementally and a small one."""
    return World.generate(
        parse_accounts('acme:310,ada:3:user'), today=date(2026, 3, 1)
    )


@pytest.fixture
def simulator(world: World) -> Iterator[Simulator]:
    with Simulator(world) as served:
        yield served


@pytest.fixture
def settings(simulator: Simulator, warehouse_url: str) -> dict[str, str]:
    return {
        'WAREHOUSE_URL': warehouse_url,
        'GITHUB_API_URL': simulator.url,
        'GITHUB_TOKEN': 'simulated-token',
        'COMPANIES': 'acme,ada',
    }


@pytest.fixture
def run(
    tmp_path: Path,
    simulator: Simulator,
    warehouse_url: str,
    settings: dict[str, str],
) -> Run:
    """A function that runs a command, with ingests on the world's day."""

    def run(
        line: str, *more: str, **others: str
    ) -> subprocess.CompletedProcess[str]:
        assert f'github-warehouse {line}' in FLAT
        arguments = [*line.split(), *more]
        if line.startswith('ingest'):
            arguments += _as_of(simulator.world)
        return _ended(arguments, settings | others, tmp_path)

    as_of = datetime.combine(simulator.world.today, time(2), UTC)
    ingest(
        warehouse_at(warehouse_url),
        read_settings(settings),
        RunOptions(as_of=as_of),
    )
    _next_day(simulator.world)
    return run


def _as_of(world: World) -> list[str]:
    return ['--as-of', f'{world.today}T02:00:00Z']


def _next_day(world: World) -> None:
    world.today = date.fromordinal(world.today.toordinal() + 1)


def _statement(beginning: str, of: str = '') -> str:
    """Return the runbook query with this beginning, for another repository."""
    found = re.findall(
        rf'github-warehouse psql -c ([\'"])({beginning}.*?)\1', RUNBOOK, re.S
    )
    assert len(found) == 1
    return str(found[0][1]).replace('acme/tiny_sdk', of)


def _query_rows(
    url: str, beginning: str, of: str = ''
) -> list[tuple[object, ...]]:
    with closing(open_database(url)) as connection:
        with closing(connection.cursor()) as cursor:
            cursor.execute(_statement(beginning, of))
            return cursor.fetchall()


def test_an_unread_company_is_named_and_read_again(
    run: Run, simulator: Simulator
) -> None:
    simulator.faults.add(faults.refused(403, 'Forbidden', text='acme'))
    failed = run('ingest')
    assert failed.returncode == 1
    assert 'acme: GitHub refused a request: 403' in failed.stderr
    listed = run('psql -c', _statement('select company_name, c.status'))
    assert 'acme         | failed' in listed.stdout
    simulator.faults.clear()
    assert run('ingest acme').returncode == 0


def test_unchanged_stars_are_observed_again(
    run: Run, simulator: Simulator, warehouse_url: str
) -> None:
    world = simulator.world
    acme = world.account_by_login('acme')
    assert acme is not None
    repository = min(
        (each for each in world.owned_by(acme.id) if each.is_public),
        key=lambda each: max(
            each.updated_at, each.pushed_at or each.updated_at
        ),
    )
    first, before = date(2026, 3, 1), repository.stars
    name = world.full_name(repository)
    world.move_silently(repository.id)
    assert run('ingest').returncode == 0
    carried = _query_rows(warehouse_url, 'select snapshot_date, stars', name)
    assert carried[0] == (world.today, before, first)
    assert run('ingest acme --full').returncode == 0
    fresh = _query_rows(warehouse_url, 'select snapshot_date, stars', name)
    assert fresh[0] == (world.today, repository.stars, world.today)
    assert repository.stars != before


def test_a_deleted_company_can_be_untracked(
    run: Run, simulator: Simulator
) -> None:
    world = simulator.world
    account = world.account_by_login('ada')
    assert account is not None
    world.remove_account(account.id)
    gone = run('ingest')
    assert gone.returncode == 1
    assert 'ada no longer exists on GitHub' in gone.stderr
    assert run('untrack', 'ada').returncode == 0
    # COMPANIES still names it: a warning, and the others are written
    after = run('ingest')
    assert after.returncode == 0
    assert 'a company in COMPANIES no longer exists' in after.stderr


def test_removals_above_the_limit_can_be_accepted(
    run: Run, simulator: Simulator
) -> None:
    world = simulator.world
    for repository in list(world.repositories.values()):
        if repository.id % 3 == 0:
            world.vanish(repository.id)
    refused = run('ingest --full')
    assert refused.returncode == 1
    assert 'are missing: nothing was removed' in refused.stderr
    accepted = run('ingest acme --full --accept-removals')
    assert accepted.returncode == 0
    assert 'few_snapshots' in accepted.stderr


def test_a_refused_token_and_host_are_reported_and_fixed(
    run: Run, warehouse_url: str
) -> None:
    refused = run('ingest', GITHUB_TOKEN='expired')
    assert refused.returncode == 1
    assert 'put a valid one in GITHUB_TOKEN' in refused.stderr
    other = run('ingest', GITHUB_API_URL='http://localhost:9')
    assert other.returncode == 2
    assert 'the warehouse holds data from 127.0.0.1' in other.stderr
    assert run('ingest').returncode == 0
    spent = _query_rows(warehouse_url, 'select company_name, requests')
    assert sorted(str(row[0]) for row in spent) == ['acme', 'ada']


def test_wrong_rows_of_the_latest_day_are_rewritten(
    run: Run, simulator: Simulator, warehouse_url: str
) -> None:
    simulator.world.today = date(2026, 3, 1)
    execute(
        warehouse_url,
        'delete from repo_snapshots'
        ' where repo_id = (select min(repo_id) from repo_snapshots)',
    )
    found = run('audit')
    assert found.returncode == 1
    assert 'error: missing_snapshots: 1 row' in found.stdout
    assert run('ingest --full').returncode == 0
    assert run('audit').returncode == 0


def test_a_killed_run_needs_no_cleanup(
    run: Run,
    settings: dict[str, str],
    simulator: Simulator,
    tmp_path: Path,
) -> None:
    simulator.faults.add(faults.hang(20, kind='graphql:*'))
    before = simulator.requests['graphql:repositories']
    _killed(
        ['ingest', *_as_of(simulator.world)],
        settings,
        tmp_path,
        lambda: simulator.requests['graphql:repositories'] > before,
    )
    simulator.faults.clear()
    assert run('ingest').returncode == 0
    days = _query_rows(
        settings['WAREHOUSE_URL'], 'select snapshot_date, count'
    )
    assert [day[0] for day in days] == [date(2026, 3, 2), date(2026, 3, 1)]


def test_a_killed_migration_can_be_repeated(
    empty_url: str, tmp_path: Path
) -> None:
    with closing(open_database(empty_url)) as other:
        with closing(other.cursor()) as cursor:
            # the migration waits until this transaction ends
            cursor.execute('create table pipeline_runs ()')

            def waits() -> bool:
                with closing(open_database(empty_url)) as looking:
                    with closing(looking.cursor()) as locks:
                        locks.execute('select from pg_locks where not granted')
                        return locks.rowcount > 0

            _killed(['migrate'], {'WAREHOUSE_URL': empty_url}, tmp_path, waits)
        other.rollback()
    done = _ended(['migrate'], {'WAREHOUSE_URL': empty_url}, tmp_path)
    assert done.returncode == 0, done.stderr
    assert 'applied 0001.dimensions' in done.stdout


def _ended(
    arguments: list[str], settings: dict[str, str], folder: Path
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, '-m', 'github_warehouse', *arguments],
        env=environment(**settings),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )


def _killed(
    arguments: list[str],
    settings: dict[str, str],
    folder: Path,
    is_time: Callable[[], bool],
) -> None:
    """Start a command and kill it when the condition holds."""
    with subprocess.Popen(
        [sys.executable, '-m', 'github_warehouse', *arguments],
        env=environment(**settings),
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        deadline = monotonic() + 20
        while not is_time():
            assert monotonic() < deadline and process.poll() is None
            sleep(0.05)
        process.kill()
    assert process.returncode == -signal.SIGKILL
