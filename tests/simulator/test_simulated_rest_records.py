"""Load REST objects of repositories from small files."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from github_simulator import Simulator, load_recorded
from github_simulator.errors import SimulatorError

TODAY = date(2026, 1, 1)


def _record(number: int, name: str, **fields: Any) -> dict[str, Any]:
    return {
        'id': number,
        'name': name,
        'full_name': f'acme/{name}',
        'owner': {'id': 7, 'login': 'acme', 'type': 'Organization'},
        'private': False,
        'fork': False,
        'language': 'C++',
        'size': 12,
        'created_at': '2012-01-01T00:00:00Z',
        'updated_at': '2013-01-01T00:00:00Z',
        'pushed_at': None,
        'stargazers_count': 3,
        'forks_count': 2,
        'open_issues_count': 1,
    } | fields


def test_recorded_repositories_are_served(tmp_path: Path) -> None:
    file = tmp_path / 'repositories.json'
    old = {'id': 8, 'login': '<ada>'}
    records = [
        _record(3_000_000_000, 'big', node_id='MDEwOl', size=0),
        {'why': 'wrapped', 'repository': _record(5, 'wrapped')},
        _record(6, 'hidden', private=True),
        _record(9, 'old', owner=old, created_at=1_300_000_000, watchers=9)
        | {'stargazers_count': None},
    ]
    file.write_text(json.dumps(records))
    world = load_recorded(file, today=TODAY)
    assert {i: world.full_name(r) for i, r in world.repositories.items()} == {
        3_000_000_000: 'acme/big',
        5: 'acme/wrapped',
        6: 'acme/hidden',
        9: 'ada/old',
    }
    old_one = world.repositories[9]
    assert old_one.stars == 9
    assert old_one.created_at == datetime.fromtimestamp(1_300_000_000, UTC)
    assert world.repositories[3_000_000_000].languages == {}
    assert 'C++' in world.repositories[5].languages
    with Simulator(world) as simulator:
        answer = requests.get(
            f'{simulator.url}/orgs/acme/repos',
            headers={'User-Agent': 'test'},
            timeout=10,
        ).json()
    assert {item['id'] for item in answer} == {3_000_000_000, 5}
    assert answer[0]['open_issues_count'] == 1


def test_a_duplicate_name_gets_the_id_appended(tmp_path: Path) -> None:
    file = tmp_path / 'repositories.json'
    other = {'id': 8, 'login': 'ACME', 'type': 'User'}
    file.write_text(
        json.dumps(
            [
                _record(1, 'same'),
                _record(2, 'Same'),
                _record(3, 'same', owner=other),
            ]
        )
    )
    world = load_recorded(file, today=TODAY)
    assert {i: world.full_name(r) for i, r in world.repositories.items()} == {
        1: 'acme/same',
        2: 'acme/Same-2',
        3: 'ACME-8/same',
    }


def test_a_folder_of_pages_is_loaded_into_one_world(tmp_path: Path) -> None:
    (tmp_path / '__files').mkdir()
    for page in (1, 2):
        (tmp_path / '__files' / f'{page}.json').write_text(
            json.dumps([_record(page, f'name-{page}')])
        )
    (tmp_path / '__files' / 'account.json').write_text('{"id": 7}')
    world = load_recorded(tmp_path, today=TODAY)
    assert sorted(world.repositories) == [1, 2]


@pytest.mark.parametrize(
    ('content', 'words'),
    [
        ([_record(1, 'a') | {'owner': None}], 'record 1'),
        ([_record(1, 'a', stargazers_count='many')], 'record 1'),
        ([_record(1, 'a'), {'private': False}], 'record 2'),
    ],
)
def test_an_invalid_rest_record_is_reported(
    tmp_path: Path, content: list[object], words: str
) -> None:
    file = tmp_path / 'repositories.json'
    file.write_text(json.dumps(content))
    with pytest.raises(SimulatorError, match=words):
        load_recorded(file, today=TODAY)


def test_a_folder_without_pages_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SimulatorError, match='contains no page'):
        load_recorded(tmp_path, today=TODAY)
    (tmp_path / '__files').mkdir()
    (tmp_path / '__files' / '1.json').write_text('nonsense')
    with pytest.raises(SimulatorError, match='cannot be read'):
        load_recorded(tmp_path, today=TODAY)
