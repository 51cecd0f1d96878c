"""Publishing dashboards to a strict double of Metabase's API."""

from collections.abc import Callable

import pytest
import requests

from dashboards.conftest import Double
from github_warehouse.dashboards import definition, publish
from github_warehouse.dashboards.client import MetabaseClient
from github_warehouse.dashboards.contents import MARKS
from github_warehouse.dashboards.settings import MetabaseSettings
from github_warehouse.errors import DashboardError
from simulated import Runs
from support import execute, schema

VERSIONS = ['v0.58.15', 'v0.63.1']
Start = Callable[..., Double]


def _publish(double: Double, url: str) -> list[str]:
    return list(publish.publish(double.settings, url, schema()))


@pytest.mark.parametrize('version', VERSIONS)
def test_everything_is_published_without_a_click(
    start_double: Start, runs: Runs, version: str
) -> None:
    double = start_double('--mb-version', version)
    messages = _publish(double, runs.url)
    assert messages[0].startswith('set up ')
    assert double.get('/__double/lint') == {'problems': []}
    log = double.get('/__double/log')
    assert len(log) > 60
    assert [each for each in log if each['dropped_keys']] == []
    state = double.get('/__double/state')
    made = [(name, cards) for _, name, cards in state['dashboards']]
    assert made == [
        (each.title, len(each.cards)) for each in definition.load_dashboards()
    ]
    homepage = double.send('GET', '/api/setting/custom-homepage-dashboard')
    assert homepage == state['dashboards'][0][0]


@pytest.mark.parametrize('version', VERSIONS)
def test_publishing_twice_changes_nothing(
    start_double: Start, runs: Runs, version: str
) -> None:
    double = start_double('--mb-version', version)
    _publish(double, runs.url)
    before = double.get('/__double/state')
    since = double.requests()
    messages = _publish(double, runs.url)
    assert messages[0].startswith('logged in to ')
    writes = [
        write for write in double.writes(since) if not write.endswith('/query')
    ]
    assert writes == [
        'POST /api/session',
        'PUT /api/database/1',
        'POST /api/database/1/sync_schema',
    ]
    assert double.get('/__double/state') == before
    assert double.get('/__double/lint') == {'problems': []}


def test_publishing_waits_through_a_slow_boot_and_resets(
    start_double: Start, runs: Runs
) -> None:
    double = start_double('--reset-after-health', '4', boot_seconds=3)
    assert _publish(double, runs.url)[0].startswith('waiting for Metabase')
    assert double.get('/__double/lint') == {'problems': []}


def test_publishing_waits_until_metabase_listens(
    start_double: Start, runs: Runs
) -> None:
    double = start_double('--listen-delay', '2')
    _publish(double, runs.url)
    assert double.get('/__double/lint') == {'problems': []}


@pytest.mark.parametrize('steps', [1, 2, 3, 4])
def test_an_interrupted_publish_is_completed(
    start_double: Start, runs: Runs, steps: int
) -> None:
    double = start_double()
    begun = publish.publish(double.settings, runs.url, schema())
    for _ in range(steps):
        next(begun)
    del begun
    _publish(double, runs.url)
    assert double.get('/__double/lint') == {'problems': []}


@pytest.mark.parametrize('steps', [1, 2])
def test_publishing_waits_through_a_restart(
    start_double: Start, runs: Runs, steps: int
) -> None:
    double = start_double(boot_seconds=3)
    begun = publish.publish(double.settings, runs.url, schema())
    messages = [next(begun) for _ in range(steps + 1)]
    requests.post(f'{double.settings.url}/__double/reboot', timeout=60)
    messages += list(begun)
    assert messages[0].startswith('waiting for Metabase')
    assert sum(line.startswith('waiting') for line in messages) == 2
    assert double.get('/__double/lint') == {'problems': []}


def test_our_objects_are_reset_and_those_of_users_stay(
    start_double: Start, runs: Runs
) -> None:
    double = start_double()
    _publish(double, runs.url)
    dashboard = double.send('GET', '/api/dashboard/1')
    ours = dashboard['dashcards'][0]['card_id']
    double.send('PUT', f'/api/card/{ours}', {'display': 'table'})
    theirs = double.post(
        '/api/card',
        {
            'name': 'Mine',
            'display': 'table',
            'visualization_settings': {},
            'collection_id': dashboard['collection_id'],
            'dataset_query': {
                'type': 'native',
                'database': 1,
                'native': {'query': 'select 1'},
            },
        },
    )
    kept = [
        {key: each[key] for key in ('id', 'row', 'col', 'size_x', 'size_y')}
        for each in dashboard['dashcards'][1:]
    ]
    mine = {'card_id': theirs['id'], 'row': 90, 'col': 0}
    mine |= {'id': -1, 'size_x': 24, 'size_y': 3}
    double.send('PUT', '/api/dashboard/1', {'dashcards': [*kept, mine]})
    double.send('PUT', '/api/setting/custom-homepage-dashboard', {'value': 2})
    _publish(double, runs.url)
    again = double.send('GET', '/api/dashboard/1')['dashcards']
    assert len(again) == len(dashboard['dashcards']) + 1
    (stays,) = [each for each in again if each['card_id'] == theirs['id']]
    assert (stays['row'], stays['size_x']) == (90, 24)
    assert double.send('GET', f'/api/card/{ours}')['display'] == 'scalar'
    homepage = double.send('GET', '/api/setting/custom-homepage-dashboard')
    assert homepage == 2
    assert double.get('/__double/lint') == {'problems': []}


def test_objects_of_an_earlier_version_are_updated_in_place(
    start_double: Start, runs: Runs
) -> None:
    double = start_double()
    _publish(double, runs.url)
    before = double.get('/__double/state')
    dashcards = double.send('GET', '/api/dashboard/1')['dashcards']
    paths = (f'/api/card/{dashcards[0]["card_id"]}', '/api/dashboard/1')
    for path in paths:
        double.send('PUT', path, {'description': f'Stars. {MARKS[1]}'})
    _publish(double, runs.url)
    assert double.get('/__double/state') == before
    for path in paths:
        assert double.send('GET', path)['description'].endswith(MARKS[0])


@pytest.mark.parametrize(
    ('company', 'rows'), [(['acme'], 1), (['acme', 'globex'], 2), ([], 4)]
)
def test_the_filters_are_connected(
    start_double: Start, runs: Runs, company: list[str], rows: int
) -> None:
    double = start_double()
    _publish(double, runs.url)
    shown = double.send('GET', '/api/dashboard/1')['dashcards']
    (card,) = [
        each
        for each in shown
        if each['card']['name'] == 'Companies on the latest day'
    ]
    answer = double.post(
        f'/api/dashboard/1/dashcard/{card["id"]}/card/{card["card_id"]}/query',
        {'parameters': [{'id': 'company', 'value': company}]},
    )
    assert answer['row_count'] == rows


def test_a_password_changed_by_hand_is_reported(
    start_double: Start, runs: Runs
) -> None:
    double = start_double()
    _publish(double, runs.url)
    double.settings = MetabaseSettings(
        double.settings.url, double.settings.admin_email, 'another-secret-1'
    )
    with pytest.raises(DashboardError, match='METABASE_ADMIN_PASSWORD'):
        _publish(double, runs.url)


def test_a_warehouse_unreachable_from_metabase_is_reported(
    start_double: Start, runs: Runs
) -> None:
    double = start_double()
    with pytest.raises(DashboardError, match='check your host settings'):
        _publish(double, 'postgresql://r:secret-1@127.0.0.1:1/warehouse')


def test_an_unreachable_metabase_is_reported() -> None:
    settings = MetabaseSettings('http://127.0.0.1:1', 'a@x.example', 's1-xx')
    with pytest.raises(DashboardError, match='does not answer.*METABASE_URL'):
        MetabaseClient(settings).wait_until_ready(seconds=1)


def test_a_failing_card_is_named(
    start_double: Start, runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    double = start_double()
    execute(
        runs.url,
        'alter view most_open_issues_repos rename open_issues to issues',
    )
    with pytest.raises(DashboardError, match="'Most open issues' failed"):
        _publish(double, runs.url)
