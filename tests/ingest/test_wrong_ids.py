"""Ids and logins of one company in the answers to another.

docs/surviving-github.md names the test for each thing that GitHub does.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from github_simulator import faults
from simulated import Runs, serve

SOURCES = pytest.mark.parametrize('source', ['graphql', 'rest'])
NODES = ('data', 'repositoryOwner', 'repositories', 'nodes')
ACME: dict[str, dict[str, Any]] = {
    'graphql': {'kind': 'graphql:repositories', 'text': '"acme"'},
    'rest': {'kind': 'rest:list', 'text': '/acme/'},
}


@pytest.fixture
def runs(warehouse_url: str) -> Iterator[Runs]:
    """Three companies."""
    with serve('acme:30,globex:20,ada:4:user', warehouse_url) as runs:
        yield runs


def _rows(runs: Runs) -> list[tuple[Any, ...]]:
    """Return today's rows, but for when they were observed."""
    return runs.query(
        'select repo_snapshots.company_id, repo_id, full_name, stars,'
        ' (select sum(bytes) from language_snapshots'
        '  where language_snapshots.repo_id = repo_snapshots.repo_id'
        '  and language_snapshots.snapshot_date = %s)'
        ' from repo_snapshots inner join repos on repos.id = repo_id'
        ' where snapshot_date = %s order by repo_id',
        (runs.world.today,) * 2,
    )


def _ids(runs: Runs, login: str) -> list[int]:
    return sorted(
        repository.id
        for repository in runs.world.owned_by(runs.company_id(login))
        if repository.is_public
    )


def _wrong_id(
    source: str, repo_id: int, delay_seconds: float = 0
) -> faults.Fault:
    """Give the first repository of acme another id."""
    path = (*NODES, 0, 'databaseId') if source == 'graphql' else (0, 'id')
    return faults.replaced(
        path, str(repo_id), delay_seconds=delay_seconds, **ACME[source]
    )


def _unread(runs: Runs) -> list[str]:
    (run_id,) = runs.query('select max(run_id) from pipeline_runs')[0]
    return [
        login
        for (login,) in runs.query(
            'select company_name from pipeline_run_companies'
            ' inner join companies using (company_id)'
            " where run_id = %s and status <> 'succeeded' order by 1",
            (run_id,),
        )
    ]


@SOURCES
@pytest.mark.parametrize('is_last', [False, True])
def test_an_id_of_another_company_moves_no_repository(
    runs: Runs, source: str, is_last: bool
) -> None:
    """Whichever of the two lists is read first."""
    runs.run(source=source)
    runs.next_day()
    stolen = _ids(runs, 'globex')[0]
    runs.simulator.faults.add(_wrong_id(source, stolen, 0.5 if is_last else 0))
    result = runs.run(source=source)
    assert [each.account.login for each in result.unread] == ['acme']
    assert 'does not confirm' in str(result.unread[0].error)
    assert runs.query(
        'select company_name, observed_on = snapshot_date, stars'
        ' from repo_snapshots inner join companies using (company_id)'
        ' where repo_id = %s and snapshot_date = %s',
        (stolen, runs.world.today),
    ) == [('globex', True, runs.world.repositories[stolen].stars)]
    assert _unread(runs) == ['acme']
    assert runs.audit() == []


@SOURCES
def test_an_id_of_a_company_that_is_read_in_part_moves_no_repository(
    warehouse_url: str, source: str
) -> None:
    """Globex is read incrementally: its list does not contain it."""
    with serve('acme:30,globex:320', warehouse_url) as runs:
        runs.run(source=source)
        rows = _rows(runs)
        runs.next_day(2)
        stolen = _ids(runs, 'globex')[0]
        runs.simulator.faults.add(_wrong_id(source, stolen))
        result = runs.run(source=source)
        assert ('globex', 'incremental', 'succeeded') in [
            (each.account.login, each.mode, each.status)
            for each in result.companies
        ]
        assert _unread(runs) == ['acme']
        assert _rows(runs) == rows


@SOURCES
def test_an_id_that_cannot_be_confirmed_moves_no_repository(
    runs: Runs, source: str
) -> None:
    runs.run(source=source)
    rows = _rows(runs)
    runs.next_day()
    runs.simulator.faults.add(
        _wrong_id(source, _ids(runs, 'globex')[0]),
        faults.server_error(500, kind='graphql:nodes'),
        faults.server_error(500, kind='rest:repository'),
    )
    runs.run(source=source)
    assert _unread(runs) == ['acme']
    assert _rows(runs) == rows


@SOURCES
def test_an_id_in_two_lists_of_a_first_run_is_looked_up(
    runs: Runs, source: str
) -> None:
    stolen = _ids(runs, 'globex')[0]
    runs.simulator.faults.add(_wrong_id(source, stolen, 0.5))
    runs.run(source=source)
    assert _unread(runs) == ['acme']
    assert [row[:3] for row in _rows(runs) if row[1] == stolen] == [
        (
            runs.company_id('globex'),
            stolen,
            runs.world.full_name(runs.world.repositories[stolen]),
        )
    ]
    assert runs.audit() == []


@SOURCES
def test_many_transfers_in_a_day_are_confirmed(
    runs: Runs, source: str
) -> None:
    runs.run(source=source)
    runs.next_day()
    acme = runs.company_id('acme')
    moved = _ids(runs, 'globex')[:5]
    for repo_id in moved:
        runs.world.transfer(repo_id, acme)
        runs.world.push(repo_id)
    result = runs.run(source=source)
    assert result.unread == []
    assert runs.query(
        'select distinct company_id, observed_on = snapshot_date'
        ' from repo_snapshots where repo_id = any(%s) and snapshot_date = %s',
        (moved, runs.world.today),
    ) == [(acme, True)]
    # one more by GraphQL, one for each by REST
    (asked,) = (
        each.requests
        for each in result.companies
        if each.account.account_id == acme
    )
    assert asked == (2 if source == 'graphql' else 1 + len(moved))


@SOURCES
def test_a_look_up_that_returns_another_repository_removes_nothing(
    runs: Runs, source: str
) -> None:
    """Two runs in a row do not see it."""
    runs.run(source=source)
    hidden = _ids(runs, 'ada')[0]
    other = _ids(runs, 'globex')[0]
    path = ('data', 'nodes', 0, 'databaseId')
    stranger = runs.world.add_account(
        'stranger', 'Organization', runs.world.now - timedelta(days=9)
    )
    runs.world.transfer(hidden, stranger.id)
    runs.simulator.faults.add(
        faults.replaced(path, str(other), kind='graphql:nodes'),
        faults.Fault(
            kind='rest:repository',
            status=302,
            headers={'Location': f'/repositories/{other}'},
            text=str(hidden),
        ),
    )
    for _ in range(2):
        runs.next_day()
        runs.run(source=source)
    assert runs.query(
        'select removed_on from repos where id = %s', (hidden,)
    ) == [(None,)]


def test_a_wrong_node_id_removes_nothing(runs: Runs) -> None:
    """The lookup by node id finds another company's repository."""
    other = _ids(runs, 'globex')[0]
    wrong = runs.world.repositories[other].node_id
    runs.simulator.faults.add(
        faults.replaced((*NODES, 0, 'id'), f'"{wrong}"', **ACME['graphql'])
    )
    runs.run()
    runs.simulator.faults.clear()
    runs.next_day()
    rows = runs.query('select count(*) from repos')
    # it is not in the list any more
    runs.simulator.faults.add(
        faults.replaced((*NODES, 0, 'isPrivate'), 'true', **ACME['graphql'])
    )
    assert runs.run().unread == []
    assert runs.simulator.requests['rest:repository'] == 1
    assert runs.query(
        'select count(*), count(*) filter (where observed_on = %s)'
        ' from repo_snapshots where snapshot_date = %s',
        (runs.world.today,) * 2,
    ) == [rows[0] * 2]


@SOURCES
@pytest.mark.parametrize('is_confirmable', [True, False])
def test_a_login_of_another_company_is_not_believed(
    runs: Runs, source: str, is_confirmable: bool
) -> None:
    runs.run(source=source)
    runs.next_day()
    # a token sees private repositories, too
    listed = sorted(
        runs.world.owned_by(runs.company_id('acme')),
        key=lambda repository: (repository.created_at, repository.id),
    )
    last = max(n for n, each in enumerate(listed) if each.is_public)
    path = (
        ('data', 'repositoryOwner', 'login')
        if source == 'graphql'
        else (last, 'owner', 'login')
    )
    runs.simulator.faults.add(
        faults.replaced(path, '"globex"', **ACME[source])
    )
    if not is_confirmable:
        runs.simulator.faults.add(
            faults.server_error(500, text=f'/user/{runs.company_id("acme")}')
        )
    runs.run(source=source)
    assert runs.query('select company_name from companies order by 1') == [
        ('acme',),
        ('ada',),
        ('globex',),
    ]
    assert _unread(runs) == ['acme']


@SOURCES
def test_a_rename_to_the_login_of_another_company_is_confirmed(
    runs: Runs, source: str
) -> None:
    """Which gave it up on the same day."""
    runs.run(source=source)
    runs.next_day()
    runs.world.rename_account(runs.company_id('acme'), 'acme-corp')
    runs.world.rename_account(runs.company_id('globex'), 'acme')
    assert runs.run(source=source).unread == []
    assert runs.query('select company_name from companies order by 1') == [
        ('acme',),
        ('acme-corp',),
        ('ada',),
    ]
