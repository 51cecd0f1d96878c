"""Responses that are late, broken, partial or refusals.

docs/surviving-github.md names the test for each thing that GitHub does.
"""

from collections.abc import Iterator
from datetime import date

import pytest
from structlog.testing import capture_logs

from github_simulator import faults
from github_warehouse.github import transport
from simulated import Runs, serve
from tables import tables
from truth import ExpectedLanguages, differences, true_repos

LOGINS = {'acme', 'ada'}
SOURCES = pytest.mark.parametrize('source', ['graphql', 'rest'])
LISTS = {'graphql': 'graphql:repositories', 'rest': 'rest:list'}
PASSING = {
    '500': faults.server_error,
    '503 as HTML': lambda **which: faults.html_error(503, **which),
    'malformed': faults.malformed_json,
    'truncated': faults.truncated_body,
    'wrong types': faults.wrong_types,
    'empty': faults.empty_body,
    'reset': faults.reset_connection,
}


@pytest.fixture
def runs(warehouse_url: str) -> Iterator[Runs]:
    """Two companies, one of them with several pages."""
    with serve('acme:230,ada:4:user', warehouse_url) as runs:
        yield runs


def _assert_equal(runs: Runs, languages: bool = True) -> None:
    expected_languages = ExpectedLanguages()
    expected_languages.next_day(runs.world, LOGINS)
    found = differences(
        runs.url,
        runs.world.today,
        runs.world,
        LOGINS,
        expected_languages.rows(),
    )
    assert [row for row in found if languages or len(row) > 4] == []


def _observed_today(runs: Runs) -> list[tuple[str, bool]]:
    return [
        (login, fresh)
        for login, fresh in runs.query(
            'select company_name, bool_and(observed_on = %s)'
            ' from repo_snapshots inner join companies using (company_id)'
            ' where snapshot_date = %s group by 1 order by 1',
            (runs.world.today, runs.world.today),
        )
    ]


def _watermarks(runs: Runs) -> list[tuple[str, bool]]:
    return [
        (login, moved)
        for login, moved in runs.query(
            'select source, last_run::date = %s from ingestion_state'
            ' order by 1',
            (runs.world.today,),
        )
    ]


@SOURCES
@pytest.mark.parametrize('name', sorted(PASSING))
def test_temporary_errors_are_retried(
    runs: Runs, source: str, name: str
) -> None:
    """Four retries, after about two to sixteen seconds."""
    runs.simulator.faults.add(PASSING[name](kind=LISTS[source], last=4))
    assert runs.run(source=source, concurrency=1).unread == []
    waits = runs.clock.waits
    assert [
        2**n <= wait <= 2**n + 1 for n, wait in enumerate(waits, 1)
    ] == ([True] * 4)
    _assert_equal(runs)


@SOURCES
@pytest.mark.parametrize('name', sorted(PASSING))
def test_a_lasting_error_fails_its_company_not_the_run(
    runs: Runs, source: str, name: str
) -> None:
    runs.run(source=source)
    runs.next_day()
    fault = PASSING[name](kind=LISTS[source], text='acme')
    runs.simulator.faults.add(fault)
    result = runs.run(source=source)
    assert [(f.account.login, f.requests) for f in result.unread] == [
        ('acme', 5)
    ]
    assert _observed_today(runs) == [('acme', False), ('ada', True)]
    assert _watermarks(runs) == [('acme', False), ('ada', True)]


def test_a_timeout_is_retried(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, '_TIMEOUTS_SECONDS', (5, 0.3))
    runs.simulator.faults.add(faults.hang(0.8, kind='graphql:*', last=1))
    assert runs.run().unread == []
    assert any(2 <= wait <= 3 for wait in runs.clock.waits)
    _assert_equal(runs)


@pytest.mark.parametrize(
    'fault',
    [
        faults.graphql_timeout(502, page_size_above=30),
        faults.graphql_timeout(200, page_size_above=30),
        faults.html_error(502, kind='graphql:*', page_size_above=30),
        faults.html_error(504, kind='graphql:*', page_size_above=30),
        faults.graphql_error(
            'RESOURCE_LIMITS_EXCEEDED',
            'Resource limits for this query exceeded.',
            kind='graphql:*',
            page_size_above=30,
        ),
        faults.Fault(
            kind='graphql:*',
            status=200,
            body='{"data":null,"errors":[{"type":"INTERNAL","message":"x"}]}',
            page_size_above=30,
        ),
    ],
    ids=['502', '200', 'html 502', 'html 504', 'resources', 'internal'],
)
def test_a_page_that_is_too_large_is_halved(
    runs: Runs, fault: faults.Fault
) -> None:
    runs.simulator.faults.add(fault)
    result = runs.run(concurrency=1)
    assert result.unread == []
    assert runs.simulator.requests['rest:list'] == 0
    _assert_equal(runs)


def test_a_page_size_grows_back(warehouse_url: str) -> None:
    with serve('acme:1200,ada:4:user', warehouse_url) as runs:
        runs.simulator.faults.add(
            faults.graphql_timeout(kind='graphql:*', first=2, last=3)
        )
        assert runs.run(concurrency=1).unread == []
        _assert_equal(runs)
        # 1 of 100, 10 of 25, 10 of 50, 4 of 100, the two halved; ada's
        sent = runs.simulator.requests['graphql:repositories']
        assert sent < 30


def test_rest_replaces_a_failing_graphql(
    runs: Runs,
) -> None:
    """A company that GraphQL fails halfway is read again, with languages."""
    runs.simulator.faults.add(
        faults.graphql_timeout(kind='graphql:*', text='acme', first=2)
    )
    assert runs.run(concurrency=1).unread == []
    _assert_equal(runs)
    assert runs.query(
        'select company_name, source from pipeline_run_companies'
        ' inner join companies using (company_id) order by 1'
    ) == [('acme', 'rest'), ('ada', 'graphql')]


@pytest.mark.parametrize(
    'fault',
    [
        faults.refused(404, 'Not Found', kind='graphql:*'),
        faults.redirected('/elsewhere', kind='graphql:*'),
    ],
    ids=['404', 'redirected'],
)
def test_rest_replaces_a_missing_graphql(
    runs: Runs, fault: faults.Fault
) -> None:
    runs.simulator.faults.add(fault)
    assert runs.run().unread == []
    _assert_equal(runs)


@SOURCES
def test_partial_data_is_kept_and_nothing_is_removed(
    runs: Runs, source: str
) -> None:
    runs.run(source=source)
    runs.next_day()
    gone = min(r.id for r in runs.world.repositories.values() if r.is_public)
    runs.world.vanish(gone)
    fault = (
        faults.partial_list(kind='rest:list')
        if source == 'rest'
        else faults.graphql_error(
            'FORBIDDEN',
            'Resource protected by organization SAML enforcement. You must '
            'grant your Personal Access token access to this organization.',
            *('repositoryOwner', 'repositories', 'nodes', 3),
            kind='graphql:repositories',
        )
    )
    runs.simulator.faults.add(fault)
    result = runs.run(source=source)
    assert {f.status for f in result.companies} == {'incomplete'}
    assert 'SAML' in str(result.unread[0].error)
    assert _watermarks(runs) == [('acme', False), ('ada', False)]
    # returned repositories are fresh; removed and hidden ones are not
    fresh, carried = runs.query(
        'select count(*) filter (where observed_on = %s),'
        ' count(*) filter (where observed_on < %s)'
        ' from repo_snapshots where snapshot_date = %s',
        (runs.world.today,) * 3,
    )[0]
    assert carried == (1 if source == 'rest' else 5)
    assert fresh + carried == len(true_repos(runs.world, LOGINS)) + 1


def test_a_list_limited_by_single_sign_on_is_incomplete(
    runs: Runs,
) -> None:
    runs.simulator.faults.add(faults.partial_list(kind='graphql:*'))
    result = runs.run()
    assert {f.status for f in result.companies} == {'incomplete'}


@SOURCES
@pytest.mark.parametrize(
    'words',
    [
        'Resource not accessible by personal access token',
        'Resource protected by organization SAML enforcement.',
        "The 'acme' organization forbids access via a fine-grained personal "
        'access tokens if the token\'s lifetime is greater than 366 days.',
        'Missing or invalid User Agent string.',
    ],
)
def test_a_refusal_other_than_a_limit_quotes_github(
    runs: Runs, source: str, words: str
) -> None:
    runs.simulator.faults.add(
        faults.refused(403, words, kind=LISTS[source], text='acme')
    )
    result = runs.run(source=source)
    (unread,) = result.unread
    assert unread.account.login == 'acme'
    assert words in str(unread.error) and 'request 51D0' in str(unread.error)
    assert unread.requests == 1
    assert runs.clock.waits == []


@SOURCES
def test_a_deleted_company_is_carried_forward(runs: Runs, source: str) -> None:
    runs.run(source=source)
    runs.next_day()
    gone = next(
        a.id for a in runs.world.accounts.values() if a.login == 'acme'
    )
    runs.world.remove_account(gone)
    result = runs.run(source=source)
    assert [f.account.login for f in result.unread] == ['acme']
    assert 'untrack acme' in str(result.unread[0].error)
    assert _observed_today(runs) == [('acme', False), ('ada', True)]


@SOURCES
def test_a_reused_login_is_not_read_as_the_old_account(
    runs: Runs, source: str
) -> None:
    """The company was renamed, and a stranger took its old login."""
    runs.run(source=source)
    runs.next_day()
    ours = next(
        a.id for a in runs.world.accounts.values() if a.login == 'acme'
    )
    runs.world.rename_account(ours, 'acme-next')
    stranger = runs.world.add_account(
        'acme', 'Organization', runs.world.accounts[ours].created_at
    )
    runs.world.create(stranger.id, 'not-ours')
    assert runs.run(source=source).unread == []
    assert runs.query(
        'select company_name, company_id from companies order by 1'
    )[0] == ('acme-next', ours)
    assert runs.query("select 1 from repos where name = 'not-ours'") == []


def test_a_temporary_404_removes_nothing(
    runs: Runs,
) -> None:
    runs.simulator.faults.add(
        faults.refused(404, 'Not Found', kind='rest:list', text='acme')
    )
    result = runs.run(source='rest')
    (unread,) = result.unread
    assert 'the account exists' in str(unread.error)
    assert 'no longer exists' not in str(unread.error)


@pytest.mark.parametrize(
    ('fault', 'expected'),
    [
        (faults.refused(404, 'Not Found', kind='rest:languages'), 'kept'),
        (faults.blocked(kind='rest:languages'), 'kept'),
        (faults.refused(403, 'No', kind='rest:languages'), 'kept'),
        (
            faults.refused(
                409, 'Git Repository is empty.', kind='rest:languages'
            ),
            'empty on a later day',
        ),
    ],
    ids=['404', '451', '403', '409'],
)
def test_unavailable_languages_are_carried_forward(
    warehouse_url: str, fault: faults.Fault, expected: str
) -> None:
    """Only one repository is affected; its company is read completely."""
    with serve('acme:24', warehouse_url) as runs:
        runs.run(source='rest')
        repository = min(
            r.id
            for r in runs.world.repositories.values()
            if r.is_public and r.languages
        )
        before = len(runs.world.repositories[repository].languages)
        runs.simulator.faults.add(fault)
        counts = []
        for _ in range(2):
            runs.next_day()
            runs.world.push(repository)
            assert runs.run(source='rest').unread == []
            counts += runs.query(
                'select count(*) from language_snapshots'
                ' where repo_id = %s and snapshot_date = %s',
                (repository, runs.world.today),
            )
        after = before if expected == 'kept' else 0
        assert counts == [(before,), (after,)]


def test_a_moved_repository_is_followed_on_the_same_host(
    runs: Runs,
) -> None:
    repository = min(
        r.id
        for r in runs.world.repositories.values()
        if r.is_public and r.languages
    )
    name = runs.world.repositories[repository].name
    runs.simulator.faults.add(
        faults.redirected(
            f'/repositories/{repository}/languages',
            301,
            kind='rest:languages',
            text=f'/{name}/languages',
            last=1,
        )
    )
    assert runs.run(source='rest').unread == []
    _assert_equal(runs)


def test_languages_are_abandoned_after_repeated_failures(
    runs: Runs,
) -> None:
    runs.simulator.faults.add(faults.server_error(500, kind='rest:languages'))
    assert runs.run(source='rest').unread == []
    assert runs.simulator.requests['rest:languages'] <= 5 * (10 + 8)


@SOURCES
@pytest.mark.parametrize(
    'lacking',
    [(), ('Repository.stargazerCount',), ('Query.rateLimit',)],
)
def test_an_older_enterprise_server_without_limits_is_read(
    warehouse_url: str,
    second_warehouse_url: str,
    source: str,
    lacking: tuple[str, ...],
) -> None:
    """The rows equal those of github.com; the server reports no budget."""
    with serve('acme:230,ada:4:user', second_warehouse_url) as here:
        here.run(source=source)
    with serve(
        'acme:230,ada:4:user',
        warehouse_url,
        hourly_limits=None,
        lacking=lacking,
    ) as runs:
        api_url = f'{runs.simulator.url}/api/v3'
        assert runs.run(source=source, api_url=api_url).unread == []
        assert tables(warehouse_url, common_metrics_only=True) == tables(
            second_warehouse_url, common_metrics_only=True
        )
        assert runs.query(
            'select distinct budget_left from pipeline_run_companies'
        ) == [(None,)]


def test_a_field_missing_on_a_server_is_null_and_others_are_read(
    warehouse_url: str,
) -> None:
    """It takes one more request per run, not one per repository."""
    with serve(
        'acme:230,ada:4:user',
        warehouse_url,
        lacking=('Repository.licenseInfo',),
    ) as runs:
        with capture_logs() as logs:
            outcome = runs.run(concurrency=1)
        assert outcome.unread == []
        assert {each.read_by for each in outcome.companies} == {'graphql'}
        # three pages, one page and the refused query
        assert runs.simulator.requests['graphql:repositories'] == 5
        assert runs.simulator.requests['rest:languages'] == 0
        assert runs.query(
            'select count(*), count(license) from current_repo_metrics'
        ) == [(len(true_repos(runs.world, LOGINS)), 0)]
        assert [log['field'] for log in logs if 'field' in log] == [
            'licenseInfo'
        ]


def test_a_field_missing_on_a_server_is_requested_again_the_next_day(
    warehouse_url: str,
) -> None:
    with serve(
        'ada:4:user', warehouse_url, lacking=('Repository.licenseInfo',)
    ) as runs:
        runs.run()
    with serve('ada:4:user', warehouse_url, today=date(2026, 3, 2)) as runs:
        runs.run()
        licences = [
            repo.license_spdx for repo in runs.world.repositories.values()
        ]
        assert runs.query(
            'select count(license) from current_repo_metrics'
        ) == [(sum(license is not None for license in licences),)]
