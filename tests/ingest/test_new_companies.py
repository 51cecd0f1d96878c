"""Companies that are new in COMPANIES, and what GitHub answers of them."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from cli.conftest import Command, command
from github_simulator import faults
from github_warehouse.errors import AnswerError
from simulated import Runs, serve

__all__ = ['command']


@pytest.fixture
def runs(warehouse_url: str) -> Iterator[Runs]:
    """Two tracked companies, and one that is not."""
    with serve('acme:12,ada:4:user', warehouse_url) as runs:
        new = runs.world.add_account(
            'newco', 'Organization', runs.world.now - timedelta(days=9)
        )
        runs.world.create(new.id, 'theirs')
        yield runs


def _companies(runs: Runs) -> list[tuple[str, int]]:
    return runs.query(
        'select company_name, company_id from companies order by 1'
    )


@pytest.mark.parametrize('is_first_run', [True, False])
def test_a_new_company_with_the_login_of_another_one_is_not_tracked(
    runs: Runs, is_first_run: bool
) -> None:
    if not is_first_run:
        runs.run()
    runs.simulator.faults.add(
        faults.replaced(('login',), '"Acme"', text='/users/newco')
    )
    result = runs.run(companies=('newco', 'acme', 'ada'))
    (failure,) = result.failures
    assert failure.startswith(
        'newco, new in COMPANIES, could not be looked up: '
    )
    assert 'the login Acme' in failure
    assert result.unread == []
    assert _companies(runs) == [
        ('acme', runs.company_id('acme')),
        ('ada', runs.company_id('ada')),
    ]


def test_track_refuses_the_login_of_another_company(
    runs: Runs, command: Command
) -> None:
    runs.run()
    runs.simulator.faults.add(
        faults.replaced(('login',), '"acme"', text='/users/newco')
    )
    done = command(
        'track',
        'newco',
        WAREHOUSE_URL=runs.url,
        GITHUB_API_URL=runs.simulator.url,
        GITHUB_TOKEN='simulated-token',
    )
    assert done.returncode == 1
    assert 'the login acme' in done.stderr
    assert len(_companies(runs)) == 2


def test_a_new_company_is_tracked_under_the_login_it_has_now(
    runs: Runs,
) -> None:
    """GitHub redirects from the former one."""
    runs.run()
    runs.next_day()
    newco = runs.company_id('newco')
    runs.world.rename_account(newco, 'newco-next')
    url = f'{runs.simulator.url}/user/{newco}'
    runs.simulator.faults.add(faults.redirected(url, text='/users/newco'))
    result = runs.run(companies=('acme', 'ada', 'newco'))
    assert [list(result.failures), result.unread] == [[], []]
    assert ('newco-next', newco) in _companies(runs)


def test_a_new_company_that_is_slow_costs_the_tracked_ones_nothing(
    runs: Runs,
) -> None:
    """The run's time is over before it is looked up."""
    runs.run()
    runs.next_day()
    runs.simulator.faults.add(faults.secondary_limit(600, text='/users/newco'))
    result = runs.run(companies=('newco', 'acme', 'ada'), run_max_minutes=25)
    assert result.unread == []
    failure, _ = result.failures
    assert failure.startswith(
        'newco, new in COMPANIES, could not be looked up: '
    )
    assert runs.query(
        'select count(*), bool_and(observed_on = snapshot_date)'
        ' from repo_snapshots where snapshot_date = %s',
        (runs.world.today,),
    ) == [(16, True)]


@pytest.mark.parametrize('status', [500, 403])
def test_a_new_company_that_is_not_looked_up_is_named(
    runs: Runs, status: int
) -> None:
    runs.run()
    runs.next_day()
    runs.simulator.faults.add(
        faults.refused(status, 'so it is', text='/users/newco')
    )
    result = runs.run(companies=('acme', 'ada', 'newco', 'no-such-login'))
    assert [each.partition(':')[0] for each in result.failures] == [
        'newco, new in COMPANIES, could not be looked up',
        'GitHub has no account no-such-login',
    ]
    ((error,),) = runs.query(
        'select error from pipeline_runs order by run_id desc limit 1'
    )
    assert error == '; '.join(result.failures)


def test_the_only_company_is_named_too(runs: Runs) -> None:
    runs.simulator.faults.add(
        faults.refused(403, 'so it is', text='/users/newco')
    )
    with pytest.raises(
        AnswerError, match='^newco, new in COMPANIES, could not be'
    ):
        runs.run(companies=('newco',))
