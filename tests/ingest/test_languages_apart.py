"""Languages that are read separately, and the totals that cover them."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from github_simulator import faults
from github_simulator.limits import HourlyLimits
from github_warehouse.dashboards.definition import load_dashboards
from github_warehouse.warehouse.connection import connect
from github_warehouse.warehouse.questions import ask
from simulated import Runs, serve
from support import warehouse_at

_HELD = """
    select
        language_snapshots.repo_id,
        jsonb_object_agg(languages.language_name, language_snapshots.bytes)
    from language_snapshots
    inner join languages using (language_id)
    where language_snapshots.snapshot_date = %s
    group by language_snapshots.repo_id
"""
_READ = """
    select snapshot_date - %s, repos, repos_languages_read
    from company_daily
    order by snapshot_date
"""
_UNREAD = 'select count(*) from repos where languages_observed_at is null'


def _held(runs: Runs) -> dict[int, dict[str, int]]:
    return dict(runs.query(_HELD, (runs.world.today,)))


def _truth(runs: Runs, company: int) -> dict[int, dict[str, int]]:
    return {
        repository.id: dict(repository.languages)
        for repository in runs.world.owned_by(company)
        if repository.is_public and repository.languages
    }


@pytest.fixture
def many(warehouse_url: str) -> Iterator[Runs]:
    """A company that is read incrementally; 60 requests without a token."""
    with serve(
        'acme:320',
        warehouse_url,
        hourly_limits=HourlyLimits(anonymous=60),
    ) as runs:
        yield runs


def test_a_reused_login_gives_no_languages(
    many: Runs,
) -> None:
    """Pending languages are requested by id, not by a stored name."""
    many.run(tokens=())
    acme = many.company_id('acme')
    names = {r.name for r in many.world.owned_by(acme) if r.is_public}
    many.world.rename_account(acme, 'acme-corp')
    stranger = many.world.add_account(
        'acme', 'Organization', many.world.now - timedelta(days=1)
    )
    for name in names:
        theirs = many.world.create(stranger.id, name)
        many.world.set_languages(theirs.id, {'Malbolge': 666})
    many.clock.advance(3600)
    many.next_day()
    many.run(source='rest')
    assert many.query(_UNREAD) == [(0,)]
    assert _held(many) == _truth(many, acme)


def test_languages_of_a_returning_repository_are_read_again(
    many: Runs,
) -> None:
    """The run that finds it cannot read them; the next run does."""
    many.run(source='rest')
    acme = many.company_id('acme')
    repository = next(iter(_truth(many, acme)))
    for visibility in ('private', 'public'):
        many.next_day()
        many.world.set_visibility(repository, visibility)
        if visibility == 'public':
            many.simulator.faults.add(
                faults.server_error(500, text='/languages')
            )
        many.run(source='rest', is_full=True)
    many.simulator.faults.clear()
    assert repository not in _held(many)
    many.next_day()
    many.run(source='rest')
    assert _held(many) == _truth(many, acme)


def test_languages_of_a_company_tracked_again_are_read_again(
    many: Runs,
) -> None:
    many.run(source='rest')
    acme = many.company_id('acme')
    many.untrack('acme')
    many.next_day(2)
    for repository in _truth(many, acme):
        many.world.set_languages(repository, {'Zig': 7})
    many.simulator.faults.add(faults.server_error(500, text='/languages'))
    many.run(source='rest')
    many.simulator.faults.clear()
    assert many.query(_UNREAD) == [(320,)]
    many.next_day()
    many.run(source='rest')
    assert _held(many) == _truth(many, acme)


def test_a_token_added_later_reads_every_language(many: Runs) -> None:
    first = many.world.today
    many.run(tokens=())
    public = len([r for r in many.world.repositories.values() if r.is_public])
    ((_, _, read),) = many.query(_READ, (first,))
    assert 0 < read < public
    many.next_day(3)
    many.run()
    assert _held(many) == _truth(many, many.company_id('acme'))
    # the days between keep the carried values
    assert many.query(_READ, (first,)) == [
        (0, public, read),
        (1, public, read),
        (2, public, read),
        (3, public, public),
    ]


def test_a_few_unread_languages_cause_no_sweep(many: Runs) -> None:
    many.run()
    repository = next(iter(_truth(many, many.company_id('acme'))))
    many.execute(
        'update repos set languages_observed_at = null where id = %s',
        (repository,),
    )
    many.next_day()
    (fetch,) = many.run().companies
    assert fetch.mode == 'incremental'
    assert many.query(_UNREAD) == [(0,)]
    assert many.simulator.requests['rest:languages'] == 1


def test_partial_totals_are_reported_and_not_charted(many: Runs) -> None:
    result = many.run(tokens=())
    public = len([r for r in many.world.repositories.values() if r.is_public])
    ((_, _, read),) = many.query(_READ, (many.world.today,))
    warning = f'languages_read={read} of {public} repositories'
    assert [w for w in result.written.warnings if warning in w] != []
    assert [w for w in many.audit() if warning in w] != []
    for view in ('language_trend_by_company', 'company_leading_languages'):
        assert many.query(f'select distinct is_complete from {view}') == [
            (False,)
        ]
    many.next_day()
    assert many.run().written.warnings == ()
    assert many.audit() == []
    for view in ('language_trend_by_company', 'company_leading_languages'):
        assert many.query(
            f'select distinct snapshot_date - %s, is_complete from {view}'
            ' order by 1',
            (many.world.today,),
        ) == [(-1, False), (0, True)]


def test_a_total_without_a_count_is_charted_as_before(many: Runs) -> None:
    """An earlier version recorded these days."""
    many.run()
    many.execute('update company_daily set repos_languages_read = null')
    assert many.query(
        'select distinct is_complete from language_trend_by_company'
    ) == [(True,)]


def test_the_chart_leaves_out_partially_covered_days(
    many: Runs,
) -> None:
    """A small company is complete long before a large one."""
    specs = many.settings.companies
    ada = many.world.add_account('ada', 'User', many.world.now)
    many.world.set_languages(many.world.create(ada.id, 'one').id, {'Zig': 7})
    many.run(tokens=(), companies=('ada',))
    first = many.world.today
    for _ in range(2):
        many.next_day()
        many.clock.advance(3700)
        many.run(tokens=(), companies=(*specs, 'ada'))
    many.next_day()
    many.run(companies=(*specs, 'ada'))
    days = {row['snapshot_date'] for row in _card_rows(many)}
    assert days == {first, many.world.today}


def _card_rows(runs: Runs) -> list[dict[str, Any]]:
    """Return the rows of the card "Languages, day by day", unfiltered."""
    (card,) = (
        card
        for dashboard in load_dashboards()
        for card in dashboard.cards
        if card.title == 'Languages, day by day'
    )
    with connect(warehouse_at(runs.url)) as connection:
        return ask(connection, re.sub(r'\[\[.*?\]\]', '', card.sql))
