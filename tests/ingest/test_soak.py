"""A month on a GitHub where every twentieth response is bad."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from github_simulator import World, faults
from github_simulator.limits import HourlyLimits
from github_warehouse.errors import TokenRefusedError
from github_warehouse.github import transport
from github_warehouse.logs import log_to_file
from simulated import Runs, serve
from truth import STORED_REPOS, companies_read_over_rest, true_repos

LANGUAGES_MOVED_SILENTLY = {
    'languages moved silently',
    'languages emptied',
    'languages emptied for a day',
    'languages came back',
    'returned',
    'turned public',
}
LOGINS = ['a', 'b', 'c', 'd', 'e']
TOKENS = ('first-token', 'second-token', 'third-token')
_PLENTY = HourlyLimits(core=10**7, graphql=10**7)
_WHOLE = 'sweep succeeded'
_NODE = ('repositoryOwner', 'repositories', 'nodes', 0)

_LOST = """
    select repos.id, repos.tracked_from, repos.removed_on, count(days.day)
    from repos
    cross join lateral generate_series(
        repos.tracked_from,
        coalesce(repos.removed_on - 1, %s),
        interval '1 day'
    ) as days (day)
    left join repo_snapshots
        on repo_snapshots.repo_id = repos.id
        and repo_snapshots.snapshot_date = days.day::date
    where repo_snapshots.repo_id is null
    group by repos.id
"""
_HELD = f'{STORED_REPOS} and company_name = any(%(logins)s)'
_STORED_LANGUAGES = """
    select repo_id, jsonb_object_agg(language_name, bytes)
    from language_snapshots
    inner join languages using (language_id)
    where snapshot_date = %s
    group by repo_id
"""


def _bad_answers(source: str, share: float, day: int) -> list[faults.Fault]:
    """Return one fault of every kind, together hitting a share of requests."""
    kinds: list[tuple[Any, dict[str, Any]]] = [
        (faults.hang, {'seconds': 0.7}),
        (faults.reset_connection, {}),
        (faults.truncated_body, {}),
        (faults.malformed_json, {}),
        (faults.empty_body, {}),
        (faults.wrong_types, {}),
        (faults.html_error, {'status': 502}),
        (faults.html_error, {'status': 503}),
        (faults.server_error, {'status': 500}),
        (faults.server_error, {'status': 504}),
        (faults.primary_limit, {'reset_in_seconds': 300}),
        (faults.primary_limit, {'reset_in_seconds': 3000}),
        (faults.secondary_limit, {'retry_after_seconds': 5}),
        (faults.secondary_limit, {'retry_after_seconds': 5, 'status': 429}),
        (faults.secondary_limit, {}),
        (faults.refused, {'status': 401, 'message': 'Bad credentials'}),
        (faults.refused, {'status': 403, 'message': 'Not for you'}),
        (faults.refused, {'status': 404, 'message': 'Not Found'}),
        (faults.refused, {'status': 422, 'message': 'Invalid'}),
        (faults.blocked, {}),
        (faults.redirected, {'url': 'http://elsewhere.example/'}),
    ]
    if source == 'rest':
        kinds += [(faults.partial_list, {}), (faults.missing_link, {})]
    else:
        kinds += [
            (faults.graphql_timeout, {'status': 200}),
            (faults.graphql_timeout, {'status': 502}),
            (faults.graphql_rate_limited, {'reset_in_seconds': 300}),
            (_damaged_node, {'kind_of_error': 'INTERNAL'}),
            (_damaged_node, {'kind_of_error': 'FORBIDDEN'}),
            (_damaged_node, {'kind_of_error': 'RESOURCE_LIMITS_EXCEEDED'}),
        ]
    return [
        make(**what, probability=share / len(kinds), seed=99 * day + number)
        for number, (make, what) in enumerate(kinds)
    ]


def _damaged_node(kind_of_error: str, **which: Any) -> faults.Fault:
    which['kind'] = 'graphql:repositories'
    return faults.graphql_error(kind_of_error, 'damaged', *_NODE, **which)


def _run(runs: Runs, source: str, **settings: Any) -> dict[int, str]:
    """Run once; return how each company was read, or nothing if it stopped."""
    try:
        result = runs.run(source=source, **settings)
    except TokenRefusedError:
        return {}
    return {
        each.account.account_id: f'{each.mode} {each.status} by {each.read_by}'
        for each in result.companies
    }


def _differing(runs: Runs, logins: list[str]) -> list[tuple[Any, ...]]:
    """Return the rows of completely swept companies that differ from GitHub.

    A removed repository that could not be looked up is carried forward until
    the next sweep. On the last days, without faults, there are none.
    """
    held = set(runs.query(_HELD, {'day': runs.world.today, 'logins': logins}))
    over_rest = companies_read_over_rest(runs.url)
    true = set(true_repos(runs.world, set(logins), over_rest))
    return [*(held - true), *(true - held)]


def _differing_languages(
    runs: Runs, logins: list[str], trusted: set[int]
) -> list[int]:
    """Return the repositories whose languages differ from GitHub.

    An empty set is accepted only if it is still empty on a later day.
    """
    held = dict(runs.query(_STORED_LANGUAGES, (runs.world.today,)))
    return [
        repository.id
        for repository in _public(runs.world, logins)
        if repository.id in trusted
        and repository.languages
        and held.get(repository.id) != repository.languages
    ]


def _public(world: World, logins: list[str]) -> list[Any]:
    return [
        r
        for r in world.repositories.values()
        if r.is_public and world.accounts[r.owner_id].login in logins
    ]


@pytest.mark.parametrize('source', ['graphql', 'rest'])
@pytest.mark.parametrize(
    ('size', 'days', 'share'),
    [
        pytest.param(120, 6, 0.25, id='small'),
        pytest.param(2000, 30, 0.05, id='large', marks=pytest.mark.long),
    ],
)
def test_bad_responses_lose_and_invent_no_row(
    warehouse_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    source: str,
    size: int,
    days: int,
    share: float,
) -> None:
    monkeypatch.setattr(transport, '_TIMEOUTS_SECONDS', (5, 0.5))
    accounts = ','.join(f'{login}:{size}' for login in LOGINS)
    seen: Counter[str] = Counter()
    silent: set[int] = set()
    log = tmp_path / 'log'
    with serve(
        accounts, warehouse_url, tokens=TOKENS, hourly_limits=_PLENTY
    ) as runs:
        settings = {'sweep_every_days': 3, 'retention_days': 60}
        for day in range(days):
            silent |= {
                change.repository_id
                for change in (runs.world.advance() if day else ())
                if change.kind in LANGUAGES_MOVED_SILENTLY
            }
            runs.simulator.faults.clear()
            runs.simulator.faults.add(*_bad_answers(source, share, day))
            with log_to_file(log):
                how = _run(runs, source, **settings)
            seen.update(how.values() or ['stopped'])
            whole = [k for k, v in how.items() if v.startswith(_WHOLE)]
            assert _differing(runs, _present_logins(runs, whole)) == []
            # REST reads them separately, after a push
            with_languages = _present_logins(
                runs, [k for k in whole if how[k].endswith('graphql')]
            )
            assert not _differing_languages(
                runs, with_languages, set(runs.world.repositories)
            )
            assert runs.query(_LOST, (_last_day(runs),)) == []
        runs.simulator.faults.clear()
        for _ in range(2):
            runs.next_day()
            how = _run(runs, source, is_full=True, **settings)
            assert set(how.values()) == {f'{_WHOLE} by {source}'}
        logins = _present_logins(runs, list(how))
        assert _differing(runs, logins) == []
        trusted = set(runs.world.repositories)
        if source == 'rest':
            trusted -= silent
        assert _differing_languages(runs, logins, trusted) == []
        assert runs.query(
            'select count(*) from repo_snapshots where snapshot_date = %s',
            (runs.world.today,),
        ) == [(len(_public(runs.world, logins)),)]
        assert runs.query(_LOST, (runs.world.today,)) == []
        print(
            f'{source}: {days} days, {dict(seen)},'
            f' {runs.simulator.requests.total():,} requests,'
            f' {sum(runs.clock.waits) / 3600:.1f} h of waiting'
        )
    assert seen[f'{_WHOLE} by {source}'] > 0
    assert 'Traceback' not in log.read_text()


def _present_logins(runs: Runs, company_ids: list[int]) -> list[str]:
    """Return the current logins of companies; some were renamed."""
    return [
        login
        for (login,) in runs.query(
            'select company_name from companies where company_id = any(%s)',
            (company_ids,),
        )
    ]


def _last_day(runs: Runs) -> Any:
    (day,) = runs.query('select max(snapshot_date) from repo_snapshots')[0]
    return day or runs.world.today
