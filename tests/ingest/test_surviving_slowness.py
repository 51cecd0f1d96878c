"""Responses that do not end, and runs that take too long.

docs/surviving-github.md names the test for each thing that GitHub does.
"""

import time
from collections.abc import Iterator

import pytest

from github_simulator import faults
from github_warehouse.config import read_settings
from github_warehouse.errors import SettingsError
from github_warehouse.github import transport
from simulated import Runs, serve

SOURCES = pytest.mark.parametrize('source', ['graphql', 'rest'])
LISTS = {'graphql': 'graphql:repositories', 'rest': 'rest:list'}


@pytest.fixture
def runs(warehouse_url: str) -> Iterator[Runs]:
    """Two companies, one of them with several pages."""
    with serve('acme:130,ada:4:user', warehouse_url) as runs:
        yield runs


def _observed(runs: Runs) -> list[tuple[str, int]]:
    return runs.query(
        'select company_name, count(*)'
        ' from repo_snapshots inner join companies using (company_id)'
        ' where snapshot_date = %s and observed_on = snapshot_date'
        ' group by 1 order by 1',
        (runs.world.today,),
    )


@SOURCES
@pytest.mark.parametrize('slow', [faults.slow_headers, faults.slow_body])
def test_a_response_that_trickles_is_abandoned(
    runs: Runs, monkeypatch: pytest.MonkeyPatch, source: str, slow: object
) -> None:
    """A byte every twentieth of a second never triggers a timeout."""
    assert callable(slow)
    monkeypatch.setattr(transport, '_DEADLINE_SECONDS', 0.4)
    runs.simulator.faults.add(slow(kind=LISTS[source], text='acme'))
    began = time.monotonic()
    result = runs.run(source=source)
    (unread,) = result.unread
    assert 'no whole answer in 0 seconds' in str(unread.error)
    assert unread.requests == 5
    assert time.monotonic() - began < 5
    assert _observed(runs) == [('ada', 4)]


@SOURCES
def test_decompression_stops_at_the_maximum_page_size(
    runs: Runs, source: str
) -> None:
    """300 kB of gzip decompress to 300 MB."""
    runs.simulator.faults.add(
        faults.gzip_bomb(300 * 2**20, kind=LISTS[source], text='acme')
    )
    result = runs.run(source=source)
    (unread,) = result.unread
    assert 'more than 8,388,608 bytes' in str(unread.error)
    assert unread.requests == 1
    assert _observed(runs) == [('ada', 4)]


@SOURCES
def test_a_run_past_its_time_limit_writes_completed_companies(
    runs: Runs, source: str
) -> None:
    """The limit is reached after the list of the other company was read."""
    runs.simulator.faults.add(
        faults.secondary_limit(
            600, kind=LISTS[source], text='acme', delay_seconds=0.3
        )
    )
    began = runs.clock.time()
    result = runs.run(source=source, run_max_minutes=25)
    (unread,) = result.unread
    assert 'RUN_MAX_MINUTES is 25' in str(unread.error)
    assert runs.clock.time() - began < 25 * 60
    assert _observed(runs) == [('ada', 4)]
    ((status, error),) = runs.query('select status, error from pipeline_runs')
    assert status == 'partial' and 'RUN_MAX_MINUTES is 25' in error


def test_a_run_out_of_time_during_languages_says_so(
    runs: Runs,
) -> None:
    """Every list was read; languages are left for the next run."""
    runs.simulator.faults.add(
        faults.secondary_limit(600, kind='rest:languages')
    )
    result = runs.run(source='rest', run_max_minutes=25)
    assert result.unread == []
    assert 'RUN_MAX_MINUTES is 25' in str(result.run.error)
    assert runs.query('select status from pipeline_runs') == [('partial',)]


def test_a_run_is_allowed_more_than_one_wait() -> None:
    minutes = {
        (wait, given): read_settings(
            {'MAX_WAIT_MINUTES': wait}
            | ({} if given is None else {'RUN_MAX_MINUTES': given})
        ).run_max_minutes
        for wait, given in [('15', None), ('1440', None), ('15', '16')]
    }
    assert list(minutes.values()) == [360, 1500, 16]
    with pytest.raises(SettingsError, match='one wait must not use up'):
        read_settings({'MAX_WAIT_MINUTES': '60', 'RUN_MAX_MINUTES': '60'})
