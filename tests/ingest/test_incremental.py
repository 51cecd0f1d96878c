"""Incremental runs between sweeps, with each source."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from math import ceil

import pytest

from github_simulator import Simulator, World, faults, parse_accounts
from github_simulator.limits import HourlyLimits
from github_simulator.model import Repository
from github_warehouse.config import read_settings
from github_warehouse.ingest import ingest
from github_warehouse.run_result import RunOptions
from simulated import Runs, serve
from support import SimulatedClock, open_database, warehouse_at
from tables import tables

Counters = tuple[int, int, int]
Sets = dict[int, dict[str, int]]

SILENT = {
    'languages moved silently',
    'languages emptied',
    'languages emptied for a day',
    'languages came back',
    'returned',
    'turned public',
}


def _counters(world: World) -> dict[int, Counters]:
    return {
        r.id: (r.stars, r.forks, r.open_issues + r.open_pull_requests)
        for r in world.repositories.values()
        if r.is_public
    }


def _moved(world: World, since: datetime) -> set[int]:
    return {
        r.id
        for r in world.repositories.values()
        if r.is_public
        and max(r.updated_at, r.pushed_at or r.updated_at) >= since
    }


def _rows(runs: Runs) -> dict[int, tuple[date, Counters]]:
    return {
        repo_id: (observed_on, (stars, forks, open_issues))
        for repo_id, observed_on, stars, forks, open_issues in runs.query(
            'select repo_id, observed_on, stars, forks, open_issues'
            ' from repo_snapshots where snapshot_date = %s',
            (runs.world.today,),
        )
    }


def _languages(runs: Runs) -> Sets:
    held: Sets = {}
    for repo_id, language, size in runs.query(
        'select repo_id, language_name, bytes from language_snapshots'
        ' inner join languages using (language_id) where snapshot_date = %s',
        (runs.world.today,),
    ):
        held.setdefault(repo_id, {})[language] = size
    return held


@pytest.fixture
def runs_of_many(warehouse_url: str) -> Iterator[Runs]:
    """A company with a list of more than three pages."""
    with serve('acme:320', warehouse_url) as runs:
        yield runs


@pytest.mark.parametrize('source', ['graphql', 'rest'])
def test_fifteen_days_with_weekly_sweeps_equal_github(
    warehouse_url: str, source: str
) -> None:
    """All rows are equal on sweep days; between them, recent changes are."""
    with serve('acme:340,ada:9:user', warehouse_url) as runs:
        world, history = runs.world, {}
        silent: set[int] = set()
        modes = []
        for day in range(15):
            if day:
                changes = world.advance()
                silent |= {
                    c.repository_id for c in changes if c.kind in SILENT
                }
            result = runs.run(source=source, sweep_every_days=7)
            assert result.unread == []
            modes.append(result.companies[0].mode)
            history[world.today] = _counters(world)
            midnight = datetime.combine(world.today, time(), UTC)
            fresh = _moved(world, midnight - timedelta(days=2)) - silent
            if modes[-1] == 'sweep':
                fresh = set(history[world.today])
            rows, languages = _rows(runs), _languages(runs)
            for repo_id in fresh:
                assert rows[repo_id] == (
                    world.today,
                    history[world.today][repo_id],
                )
                if repo_id not in silent:
                    true = world.repositories[repo_id].languages
                    assert languages.get(repo_id, {}) == true
            for repo_id, (observed_on, counters) in rows.items():
                assert counters == history[observed_on][repo_id]
        assert [d for d, mode in enumerate(modes) if mode == 'sweep'] == [
            0,
            7,
            14,
        ]


def test_both_sources_write_identical_tables(
    warehouse_url: str, second_warehouse_url: str
) -> None:
    with serve('acme:330,ada:9:user', warehouse_url) as runs:
        both = (runs, replace(runs, url=second_warehouse_url))
        for day in range(4):
            if day:
                _change_something(runs.world, day)
            for each, source in zip(both, ('graphql', 'rest'), strict=True):
                each.run(source=source)
            assert tables(warehouse_url, common_metrics_only=True) == tables(
                second_warehouse_url, common_metrics_only=True
            )


def test_an_incremental_run_reads_only_what_changed(
    runs_of_many: Runs,
) -> None:
    runs = runs_of_many
    runs.run()
    runs.next_day(2)
    repository = max(r.id for r in runs.world.repositories.values())
    runs.world.push(repository)
    result = runs.run()
    assert [(f.mode, f.requests) for f in result.companies] == [
        ('incremental', 2)
    ]
    runs.next_day()
    result = runs.run(is_full=True)
    assert [(f.mode, f.requests) for f in result.companies] == [('sweep', 4)]


def test_a_failed_company_is_read_back_to_its_watermark(
    runs_of_many: Runs,
) -> None:
    """The next run reads the changes of the day of the failure."""
    runs = runs_of_many
    runs.run()
    runs.next_day(2)
    repository = max(r.id for r in runs.world.repositories.values())
    runs.world.star(repository, 3)
    stars = runs.world.repositories[repository].stars
    runs.simulator.faults.add(faults.server_error(500))
    assert len(runs.run().unread) == 1
    runs.simulator.faults.clear()
    runs.next_day(3)
    runs.run()
    assert runs.query(
        'select stars from repo_snapshots'
        ' where repo_id = %s and snapshot_date = %s',
        (repository, runs.world.today),
    ) == [(stars,)]


def test_languages_without_a_token_are_read_as_the_budget_allows(
    warehouse_url: str,
) -> None:
    """Sixty requests an hour: most starred first, the rest later."""
    world = World.generate(parse_accounts('acme:300'), today=date(2026, 3, 1))
    clock = SimulatedClock()
    with Simulator(world, clock=clock.time) as simulator:
        settings = read_settings(
            {
                'WAREHOUSE_URL': warehouse_url,
                'GITHUB_API_URL': simulator.url,
                'COMPANIES': 'acme',
            }
        )
        midnight = datetime.combine(world.today, time(), UTC)
        read: list[int] = []
        while not read or read[-1] < 300:
            result = ingest(
                warehouse_at(warehouse_url),
                settings,
                RunOptions(as_of=midnight),
                clock=clock,
            )
            assert result.unread == []
            assert result.run.requests <= 60
            read.append(_languages_read(warehouse_url))
            if len(read) == 1:
                assert _most_starred_are_read(warehouse_url)
            clock.advance(3600)
    # one request for the account in the first hour and six for the list in
    # each hour, as the last page is full: 53, then 54 an hour
    assert read == [53, 107, 161, 215, 269, 300]
    assert clock.waits == []


@pytest.mark.long
@pytest.mark.parametrize('source', ['graphql', 'rest'])
def test_requests_for_13_000_repositories_match_the_formula(
    warehouse_url: str, source: str
) -> None:
    sizes = {'a': 8000, 'b': 3000, 'c': 1500, 'd': 400, 'e': 100}
    world = World.generate(
        parse_accounts(','.join(f'{k}:{n}' for k, n in sizes.items())),
        today=date(2026, 3, 1),
    )
    # REST also lists the owner's private repositories; they are not stored
    is_rest = source == 'rest'
    pages = sum(
        _sweep_pages(world, owner, is_rest) for owner in world.accounts
    )
    limits = HourlyLimits(core=10**6, graphql=10**6)
    with Simulator(world, hourly_limits=limits) as simulator:
        settings = read_settings(
            {
                'GITHUB_API_URL': simulator.url,
                'GITHUB_TOKEN': 'simulated-token',
                'COMPANIES': ','.join(sizes),
            }
        )
        runs = Runs(
            warehouse_url, world, simulator, settings, SimulatedClock()
        )
        first = runs.run(source=source)
        since = datetime.combine(world.today, time(), UTC) - timedelta(days=1)
        lagging = _pushed(world, since)
        runs.next_day(3)
        pushes = sorted(r for r in world.repositories)[::32][:400]
        for repository in pushes:
            world.push(repository)
        incremental = runs.run(source=source)
        listing = _incremental_pages(world, since, is_rest)
        due = lagging | _pushed(world, since)
        runs.next_day(3)
        sweep = runs.run(source=source, is_full=True)
    due_again = len(due) * is_rest
    print(
        f'{source}: first {first.run.requests}'
        f' = 5 accounts + {pages} pages + {13_000 * is_rest} languages;'
        f' {len(pushes)} pushes: {incremental.run.requests}'
        f' = {listing} pages + {due_again} languages;'
        f' sweep {sweep.run.requests} = {pages} pages + languages of'
        f' repositories read within a day of their push'
    )
    assert first.run.requests == 5 + pages + 13_000 * is_rest
    assert incremental.run.requests == listing + due_again
    assert sweep.run.requests - pages <= due_again


def _pushed(world: World, since: datetime) -> set[int]:
    return {
        r.id
        for r in world.repositories.values()
        if r.is_public and r.pushed_at and r.pushed_at >= since
    }


def _listed(world: World, owner: int, is_rest: bool) -> list[Repository]:
    return [
        r
        for r in world.repositories.values()
        if r.owner_id == owner and (r.is_public or is_rest)
    ]


def _sweep_pages(world: World, owner: int, is_rest: bool) -> int:
    """Return the pages of a list; REST needs two more if it has several."""
    pages = ceil(len(_listed(world, owner, is_rest)) / 100)
    return pages + 2 * (is_rest and pages > 1)


def _incremental_pages(world: World, since: datetime, is_rest: bool) -> int:
    """Return the pages of two passes over long lists, up to the watermark."""
    pages = 0
    for owner in world.accounts:
        owned = _listed(world, owner, is_rest)
        if len(_listed(world, owner, False)) <= 300:
            pages += _sweep_pages(world, owner, is_rest)
            continue
        updated = sum(r.updated_at >= since for r in owned)
        pushed = sum(bool(r.pushed_at and r.pushed_at >= since) for r in owned)
        pages += updated // 100 + 1 + pushed // 100 + 1
    return pages


def _languages_read(url: str) -> int:
    return _single_value(
        url,
        'select count(*) from repos where languages_observed_at is not null',
    )


def _most_starred_are_read(url: str) -> bool:
    return 1 == _single_value(
        url,
        'select (min(read.stars) >= max(unread.stars))::integer'
        ' from (select stars from current_repo_metrics inner join repos'
        ' on id = repo_id where languages_observed_at is not null) as read,'
        ' (select stars from current_repo_metrics inner join repos'
        ' on id = repo_id where languages_observed_at is null) as unread',
    )


def _single_value(url: str, statement: str) -> int:
    with closing(open_database(url)) as connection:
        with closing(connection.cursor()) as cursor:
            cursor.execute(statement)
            (value,) = cursor.fetchone() or (None,)
            return int(value)


def _change_something(world: World, day: int) -> None:
    """Make pushes, stars, a new, a removed and a renamed repository."""
    world.today += timedelta(days=1)
    public = sorted(r.id for r in world.repositories.values() if r.is_public)
    for repository in public[day::40]:
        world.push(repository, {'Zig': 10 * day, 'C++': 2**31 + day})
    for repository in public[day + 1 :: 30]:
        world.star(repository, day)
    owner = world.repositories[public[0]].owner_id
    world.create(owner, f'new-{day}')
    world.rename(public[day * 7], f'renamed-{day}')
    world.vanish(public[day * 11])


def test_rest_reads_languages_again_after_a_month(
    warehouse_url: str,
) -> None:
    """The change has no push and no other timestamp on GitHub."""
    with serve('acme:5', warehouse_url) as runs:
        runs.run(source='rest')
        repository = min(
            r.id for r in runs.world.repositories.values() if r.is_public
        )
        runs.next_day(3)
        runs.run(source='rest')
        runs.world.set_languages(repository, {'Zig': 7})
        held = []
        for days in (10, 25):
            runs.next_day(days)
            runs.run(source='rest')
            held.append(_languages(runs).get(repository) == {'Zig': 7})
        assert held == [False, True]
