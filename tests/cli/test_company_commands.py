"""The commands track, untrack and companies."""

import json
from contextlib import closing

import pytest

from cli.conftest import Command
from github_simulator import Simulator
from support import open_database


@pytest.fixture
def settings(simulator: Simulator, warehouse_url: str) -> dict[str, str]:
    return {
        'WAREHOUSE_URL': warehouse_url,
        'GITHUB_API_URL': simulator.url,
    }


def _query(url: str, question: str) -> list[tuple[object, ...]]:
    with closing(open_database(url)) as connection:
        with closing(connection.cursor()) as cursor:
            cursor.execute(question)
            return cursor.fetchall()


def test_companies_are_selected_by_login_in_any_case(
    command: Command, settings: dict[str, str]
) -> None:
    url = settings['WAREHOUSE_URL']
    assert command('track', 'ACME', 'ada', **settings).returncode == 0
    again = command('track', 'acme', **settings)
    assert again.stdout.splitlines()[-1] == 'acme: already tracked'
    gone = command('untrack', 'AdA', **settings, COMPANIES='ada')
    assert gone.returncode == 0
    assert 'the next ingest tracks it again' in gone.stderr
    listed = json.loads(command('companies', '--json', **settings).stdout)
    assert [(c['company_name'], c['is_tracked']) for c in listed] == [
        ('acme', True),
        ('ada', False),
    ]
    assert 'Organization' in command('companies', **settings).stdout
    assert _query(url, 'select source from ingestion_state order by 1') == [
        ('acme',),
        ('ada',),
    ]


@pytest.mark.parametrize(
    ('arguments', 'words'),
    [
        (('track', 'acme', 'no-such'), 'no account no-such'),
        (('track', 'no/such'), 'not a GitHub login'),
        (('track',), 'Missing argument'),
        (('untrack', 'acme'), 'not tracked: see `github-warehouse companies`'),
    ],
)
def test_a_mistake_writes_nothing(
    command: Command,
    settings: dict[str, str],
    arguments: tuple[str, ...],
    words: str,
) -> None:
    done = command(*arguments, **settings)
    assert done.returncode == 2
    assert words in done.stderr
    assert _query(settings['WAREHOUSE_URL'], 'select * from companies') == []


def test_untracking_and_tracking_again_invents_no_rows(
    command: Command, settings: dict[str, str]
) -> None:
    """History is kept, and the days between stay empty."""

    def ingest(day: int) -> None:
        as_of = f'2026-03-{day:02}'
        done = command('ingest', '--as-of', as_of, **settings)
        assert done.returncode == 0, done.stderr

    url = settings['WAREHOUSE_URL']
    command('track', 'acme', 'ada', **settings)
    ingest(1)
    command('untrack', 'ada', **settings)
    ingest(3)
    command('track', 'ada', **settings)
    ingest(5)
    assert _query(
        url,
        'select company_name,'
        " string_agg(distinct to_char(snapshot_date, 'DD'), ' ')"
        ' from repo_snapshots inner join companies using (company_id)'
        ' group by company_name order by company_name',
    ) == [('acme', '01 02 03 04 05'), ('ada', '01 05')]
    audit = command('audit', **settings)
    assert (audit.returncode, audit.stdout.splitlines()[-1]) == (
        0,
        'no error found',
    )


def test_the_new_owner_of_an_old_login_can_be_tracked(
    command: Command, settings: dict[str, str], simulator: Simulator
) -> None:
    assert command('track', 'ada', **settings).returncode == 0
    world = simulator.world
    old = world.account_by_login('ada')
    assert old is not None
    world.rename_account(old.id, 'ada-lovelace')
    # no account has the old login yet: it still refers to ada
    same = command('track', 'ada', **settings)
    assert 'already tracked' in same.stdout
    other = world.account_by_login('acme')
    assert other is not None
    world.rename_account(other.id, 'ada')
    assert command('track', 'ada', **settings).stdout.endswith(
        'ada: tracked\n'
    )
    assert _query(
        settings['WAREHOUSE_URL'],
        'select company_id, source from ingestion_state order by source',
    ) == [(other.id, 'ada'), (old.id, f'ada#{old.id}')]
