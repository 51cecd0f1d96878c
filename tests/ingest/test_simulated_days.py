"""Complete ingests over simulated days equal the simulated GitHub."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from math import ceil

import pytest

from github_warehouse.ingest import ingest
from github_warehouse.run_result import RunOptions
from github_warehouse.warehouse.companies import untrack
from github_warehouse.warehouse.connection import connect, transaction
from simulated import Runs, once, serve
from support import warehouse_at
from truth import ExpectedLanguages, differences

LOGINS = {'acme', 'globex', 'ada'}


@pytest.mark.parametrize(
    ('accounts', 'days'),
    [
        pytest.param('acme:230,globex:60,ada:9:user', 10, id='small'),
        pytest.param(
            'acme:2300,globex:600,ada:90:user',
            40,
            id='large',
            marks=pytest.mark.long,
        ),
    ],
)
def test_every_day_equals_github(
    warehouse_url: str, accounts: str, days: int
) -> None:
    """Every kind of change, with at most one request per hundred plus two."""
    expected_languages = ExpectedLanguages()
    with serve(accounts, warehouse_url) as runs:
        kinds: Counter[str] = Counter()
        for day in range(days):
            if day:
                kinds.update(c.kind for c in runs.world.advance())
            expected_languages.next_day(runs.world, LOGINS)
            result = runs.run(sweep_every_days=1)
            assert result.unread == []
            assert (
                differences(
                    warehouse_url,
                    runs.world.today,
                    runs.world,
                    LOGINS,
                    expected_languages.rows(),
                )
                == []
            )
            for fetch in result.companies:
                assert fetch.requests <= (
                    ceil(fetch.repositories_observed / 100) + 2
                )
            total = sum(fetch.requests for fetch in result.companies)
            resolved = result.run.requests - total
            assert resolved == (3 if day == 0 else 0)
        assert len(kinds) >= 10


def test_a_rerun_changes_no_row(runs: Runs) -> None:
    facts = """
        select
            'repo' as fact,
            repo_id,
            snapshot_date,
            0 as language_id,
            xmin::text
        from repo_snapshots
        union all
        select 'language', repo_id, snapshot_date, language_id, xmin::text
        from language_snapshots
        union all
        select 'dimension', id, tracked_from, 0, xmin::text from repos
        union all
        select 'rollup', company_id, snapshot_date, 0, xmin::text
        from company_daily
        union all
        select 'by language', company_id, snapshot_date, language_id,
            xmin::text
        from company_language_daily
        order by 1, 2, 3, 4
    """
    runs.run()
    before = runs.query(facts)
    result = runs.run()
    assert runs.query(facts) == before
    assert result.written.repositories_updated == 0
    assert result.written.language_rows == 0


def test_a_later_run_of_the_same_day_wins(runs: Runs) -> None:
    runs.run()
    repository = _any_with_languages(runs)
    runs.world.star(repository, 5)
    runs.world.set_languages(repository, {'C++': 2**33, 'Zig': 7})
    runs.run()
    stars = runs.world.repositories[repository].stars
    assert runs.query(
        'select snapshot_date, stars, observed_on from repo_snapshots'
        ' where repo_id = %s',
        (repository,),
    ) == [(runs.world.today, stars, runs.world.today)]
    assert runs.query(
        'select language_name, bytes from current_repo_languages'
        ' where repo_id = %s order by language_name',
        (repository,),
    ) == [('C++', 2**33), ('Zig', 7)]


def test_missed_days_are_filled_from_the_last_known_values(
    runs: Runs,
) -> None:
    runs.run()
    repository = _any_with_languages(runs)
    stars = runs.world.repositories[repository].stars
    first = runs.world.today
    runs.next_day(4)
    runs.world.star(repository, 3)
    result = runs.run()
    rows = runs.query(
        'select snapshot_date - %s, stars, observed_on - %s'
        ' from repo_snapshots where repo_id = %s order by snapshot_date',
        (first, first, repository),
    )
    assert rows == [
        (0, stars, 0),
        (1, stars, 0),
        (2, stars, 0),
        (3, stars, 0),
        (4, stars + 3, 4),
    ]
    assert result.written.snapshots_carried == 3 * _public(runs)
    assert runs.query(
        'select count(*), count(distinct snapshot_date) from company_daily'
    ) == [(10, 5)]


def test_an_outage_longer_than_retention_loses_no_last_values(
    runs: Runs,
) -> None:
    runs.run(retention_days=5)
    first = runs.world.today
    runs.next_day(20)
    runs.run(retention_days=5)
    public = _public(runs)
    assert runs.query(
        'select snapshot_date - %s, count(*) from repo_snapshots'
        ' group by snapshot_date order by snapshot_date',
        (first,),
    ) == [(day, public) for day in range(15, 21)]
    assert runs.query(
        'select count(distinct snapshot_date) from company_daily'
    ) == [(21,)]


def test_a_run_past_midnight_belongs_to_its_start_day(
    runs: Runs,
) -> None:
    before = datetime(2026, 3, 1, 23, 59, 59, tzinfo=UTC)
    runs.clock.advance((before - runs.clock.now()).total_seconds())
    result = ingest(
        warehouse_at(runs.url),
        runs.settings,
        RunOptions(),
        once(lambda: runs.clock.advance(2)),
        runs.clock,
    )
    assert result.run.day == date(2026, 3, 1)
    assert runs.query(
        'select distinct snapshot_date, observed_on from repo_snapshots'
    ) == [(date(2026, 3, 1), date(2026, 3, 1))]


def test_a_removed_repository_keeps_its_history(runs: Runs) -> None:
    runs.run()
    first = runs.world.today
    repository = _any_with_languages(runs)
    runs.next_day()
    runs.world.vanish(repository)
    runs.run()
    runs.next_day()
    runs.run()
    assert runs.query(
        'select snapshot_date from repo_snapshots where repo_id = %s',
        (repository,),
    ) == [(first,)]
    assert runs.query(
        'select removed_on - %s from repos where id = %s', (first, repository)
    ) == [(1,)]


def test_a_returning_repository_starts_a_new_tracking_period(
    runs: Runs,
) -> None:
    runs.run()
    first = runs.world.today
    repository = _any_with_languages(runs)
    runs.next_day()
    runs.world.vanish(repository)
    runs.run()
    runs.next_day(3)
    runs.world.restore(repository)
    runs.run()
    assert runs.query(
        'select snapshot_date - %s from repo_snapshots'
        ' where repo_id = %s order by snapshot_date',
        (first, repository),
    ) == [(0,), (4,)]
    assert runs.query(
        'select tracked_from - %s, removed_on from repos where id = %s',
        (first, repository),
    ) == [(4, None)]


def test_a_repository_removed_between_runs_of_a_day_has_no_row(
    runs: Runs,
) -> None:
    """A repository that returns on the same day loses nothing."""
    runs.run()
    first = runs.world.today
    repository = _any_with_languages(runs)
    runs.next_day()
    runs.run()
    runs.world.vanish(repository)
    runs.run()
    today = (repository, runs.world.today)
    assert (
        runs.query(
            'select 1 from repo_snapshots'
            ' where (repo_id, snapshot_date) = (%s, %s)'
            ' union all select 1 from language_snapshots'
            ' where (repo_id, snapshot_date) = (%s, %s)',
            (*today, *today),
        )
        == []
    )
    runs.world.restore(repository)
    runs.run()
    assert runs.query(
        'select snapshot_date - %s, tracked_from - %s, removed_on'
        ' from repo_snapshots inner join repos on id = repo_id'
        ' where repo_id = %s order by 1',
        (first, first, repository),
    ) == [(0, 0, None), (1, 0, None)]


def test_a_transferred_repository_keeps_id_and_history(runs: Runs) -> None:
    runs.run()
    repository = _any_with_languages(runs)
    new_owner = _account(runs, 'ada')
    old_owner = runs.world.repositories[repository].owner_id
    runs.next_day()
    runs.world.transfer(repository, new_owner)
    runs.run()
    assert runs.query(
        'select company_id from repo_snapshots where repo_id = %s'
        ' order by snapshot_date',
        (repository,),
    ) == [(old_owner,), (new_owner,)]


def test_a_move_to_an_untracked_company_is_a_removal(runs: Runs) -> None:
    runs.run(companies=('acme',))
    repository = _any_with_languages(runs)
    runs.next_day()
    runs.world.transfer(repository, _account(runs, 'ada'))
    runs.run(companies=('acme',))
    assert runs.query(
        'select removed_on from repos where id = %s', (repository,)
    ) == [(runs.world.today,)]


def test_an_empty_language_set_is_accepted_on_a_later_day(
    runs: Runs,
) -> None:
    runs.run()
    repository = _any_with_languages(runs)
    languages = len(runs.world.repositories[repository].languages)
    runs.world.set_languages(repository, {})
    counts = []
    for days in (0, 0, 1, 0, 1):
        runs.next_day(days)
        runs.run()
        counts += runs.query(
            'select count(*) from language_snapshots'
            ' where repo_id = %s and snapshot_date = %s',
            (repository, runs.world.today),
        )
    assert counts == [(languages,), (languages,), (0,), (0,), (0,)]


def test_renames_are_followed_by_id(runs: Runs) -> None:
    runs.run()
    repository = _any_with_languages(runs)
    runs.next_day()
    runs.world.rename(repository, 'renamed')
    runs.world.rename_account(_account(runs, 'acme'), 'acme-next')
    result = runs.run()
    assert result.unread == []
    assert runs.query(
        'select full_name, count(*) from repo_snapshots'
        ' inner join repos on repos.id = repo_snapshots.repo_id'
        ' where repo_id = %s group by full_name',
        (repository,),
    ) == [('acme-next/renamed', 2)]
    assert runs.query(
        'select company_name from companies order by company_name'
    ) == [('acme-next',), ('ada',)]


def test_private_repositories_are_not_stored(runs: Runs) -> None:
    runs.run()
    private = [
        repository.id
        for repository in runs.world.repositories.values()
        if not repository.is_public
    ]
    repository = _any_with_languages(runs)
    runs.next_day()
    runs.world.set_visibility(repository, 'private')
    runs.run()
    assert (
        runs.query(
            'select id from repos where id = any(%s) and removed_on is null',
            ([*private, repository],),
        )
        == []
    )


def test_a_company_without_repositories_has_a_row_of_zeros(
    runs: Runs,
) -> None:
    for repository in list(runs.world.repositories.values()):
        if repository.owner_id == _account(runs, 'ada'):
            runs.world.vanish(repository.id)
    runs.run()
    runs.next_day()
    runs.run()
    assert runs.query(
        'select total_stars, repo_count from company_total_stars'
        " where company_name = 'ada'"
    ) == [(0, 0), (0, 0)]


def test_only_the_named_companies_are_read(runs: Runs) -> None:
    runs.run()
    runs.next_day()
    result = runs.run('ADA')
    assert [fetch.account.login for fetch in result.companies] == ['ada']
    assert runs.query(
        'select company_name, days_behind is not null, carried_percent'
        ' from data_freshness order by company_name'
    ) == [('acme', True, 100), ('ada', True, 0)]


def _any_with_languages(runs: Runs) -> int:
    acme = _account(runs, 'acme')
    return min(
        repository.id
        for repository in runs.world.repositories.values()
        if repository.owner_id == acme
        and repository.is_public
        and repository.languages
    )


def _account(runs: Runs, login: str) -> int:
    return next(
        account.id
        for account in runs.world.accounts.values()
        if account.login == login
    )


def _public(runs: Runs) -> int:
    return sum(r.is_public for r in runs.world.repositories.values())


def test_a_gap_in_tracking_is_not_filled(runs: Runs) -> None:
    """The company is tracked again days later; the days between are empty."""
    first = runs.world.today
    runs.run()
    ((company_id,),) = runs.query(
        "select company_id from companies where company_name = 'acme'"
    )
    with (
        connect(warehouse_at(runs.url)) as connection,
        transaction(connection) as cursor,
    ):
        untrack(cursor, [company_id])
    runs.world.today += timedelta(days=4)
    runs.run()  # COMPANIES tracks it again
    days = runs.query(
        'select distinct snapshot_date from repo_snapshots'
        ' where company_id = %s order by snapshot_date',
        (company_id,),
    )
    assert days == [(first,), (runs.world.today,)]
