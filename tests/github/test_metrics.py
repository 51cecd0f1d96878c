"""Metric declarations use GitHub's field names and are validated."""

import json

import pytest

from github.conftest import Reading
from github_simulator import faults
from github_warehouse.errors import ListIncompleteError
from github_warehouse.github.fields import SELECTIONS, may_lack, read_query
from github_warehouse.metrics import METRICS, Metric
from support import NEEDS_SHARED_DATA, SHARED_DATA

OPENAPI = SHARED_DATA / 'github' / 'openapi-fragment.json'


def test_metric_names_are_unique() -> None:
    names = [metric.name for metric in METRICS]
    assert len(set(names)) == len(names)


def test_the_newest_metric_key_exists_in_rest() -> None:
    """The GraphQL selections are validated with the queries."""
    if not OPENAPI.exists():
        pytest.skip(NEEDS_SHARED_DATA)
    schemas = json.loads(OPENAPI.read_text('utf-8'))['components']['schemas']
    keys = {
        key: schema.get('type')
        for name in ('full-repository', 'minimal-repository')
        for key, schema in schemas[name]['properties'].items()
    }
    types = {'count': 'integer', 'flag': 'boolean'}
    for metric in METRICS:
        for key in metric.rest[:1]:
            assert keys.get(key) == types[metric.kind], metric.name


def test_no_two_selections_give_one_key_different_values() -> None:
    selections = {
        selection.text: ((*selection.steps, selection.leaf)[:1])
        for each in SELECTIONS.values()
        for selection in each
    }
    assert len(set(selections.values())) == len(
        selections
    ), 'give one of them an alias: `closedIssues: issues(states: CLOSED) ...`'


@pytest.mark.parametrize(
    'declared',
    [
        {'rest': (), 'graphql': ('x',), 'is_required': True},
        {'rest': ('x',), 'graphql': (), 'is_required': True},
        {'rest': ('x',), 'graphql': ('x',), 'kind': 'flag', 'is_summed': True},
        {'rest': ('x',), 'graphql': ('x', 'y'), 'kind': 'flag'},
    ],
)
def test_an_invalid_metric_declaration_is_refused(
    declared: dict[str, object],
) -> None:
    given: dict[str, object] = {
        'name': 'x',
        'meaning': 'X',
        'is_summed': False,
    }
    with pytest.raises(ValueError, match='^x: '):
        Metric(**{**given, **declared})  # type: ignore[arg-type]


@pytest.mark.parametrize('raw', ['-1', '"1"', '1.5', 'true', '2147483648'])
def test_an_invalid_count_is_reported_with_its_metric(
    reading: Reading, raw: str
) -> None:
    path = ('data', 'repositoryOwner', 'repositories', 'nodes', 0)
    reading.simulator.faults.add(
        faults.replaced((*path, 'stargazerCount'), raw)
    )
    shown = {'"1"': "'1'", 'true': 'True'}.get(raw, raw)
    name = (
        rf'GitHub returned {shown} for stars of acme/\S+: '
        'what was read was kept'
    )
    with pytest.raises(ListIncompleteError, match=name):
        reading.read_ids()


def test_fields_of_nullable_columns_can_be_left_out() -> None:
    assert may_lack({'licenseInfo', 'primaryLanguage'})
    assert not may_lack({'licenseInfo', 'stargazerCount'})
    whole = read_query('owner_repositories').splitlines()
    without = read_query('owner_repositories', frozenset({'licenseInfo'}))
    left_out = [line for line in whole if line not in without.splitlines()]
    assert left_out == ['  licenseInfo { spdxId }']
