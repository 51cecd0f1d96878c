"""Recorded repositories are loaded into a world."""

import datetime
import json
from pathlib import Path
from typing import Any

import pytest

from github_simulator import load_recorded
from github_simulator.errors import SimulatorError

TODAY = datetime.date(2025, 12, 28)
RECORD: dict[str, Any] = {
    'full_name': 'LLNL/zfp',
    'owner': 'LLNL',
    'name': 'zfp',
    'created_at': '2015-01-02T03:04:05Z',
    'description': None,
    'language': 'C++',
    'license_spdx': 'BSD-3-Clause',
    'stars': 9,
    'forks': 2,
    'open_issues': 1,
    'open_pull_requests': 3,
    'languages': {'C++': 3_587_233_164},
}


def written(path: Path, *records: object) -> Path:
    path.write_text(json.dumps(records))
    return path


def test_recorded_values_are_kept(tmp_path: Path) -> None:
    file = written(tmp_path / 'a.json', RECORD)
    world = load_recorded(file, TODAY)
    (repository,) = world.repositories.values()
    assert world.full_name(repository) == 'LLNL/zfp'
    assert world.accounts[repository.owner_id].account_type == 'Organization'
    assert {
        name: getattr(repository, name)
        for name in RECORD
        if name not in ('full_name', 'owner', 'created_at')
    } == {
        name: value
        for name, value in RECORD.items()
        if name not in ('full_name', 'owner', 'created_at')
    }
    assert repository.created_at == datetime.datetime(
        2015, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc
    )
    assert repository.pushed_at is not None
    assert repository.created_at <= repository.pushed_at < world.now
    assert repository.created_at <= repository.updated_at < world.now
    assert repository.visibility == 'public'


def test_generated_values_do_not_depend_on_the_order(tmp_path: Path) -> None:
    other = RECORD | {'full_name': 'hpc/mpi', 'created_at': '2020-01-01T00Z'}
    one = load_recorded(written(tmp_path / 'a.json', RECORD, other), TODAY)
    two = load_recorded(written(tmp_path / 'b.json', other, RECORD), TODAY)
    assert one.truth() == two.truth()


@pytest.mark.parametrize(
    ('records', 'expected'),
    [
        ([5], 'record 1 is invalid: it is not a JSON object'),
        ([RECORD, {}], 'record 2 is invalid: full_name is missing'),
        (
            [RECORD | {'stars': -1}],
            'record 1 (LLNL/zfp) is invalid: stars must be a whole number '
            'of at least 0',
        ),
        ([RECORD | {'stars': True}], 'stars must be a whole number'),
        ([RECORD | {'languages': {'C': '9'}}], 'C must be a whole number'),
        ([RECORD | {'languages': []}], 'languages must be a JSON object'),
        ([RECORD | {'language': 5}], 'language must be a string or null'),
        ([RECORD | {'full_name': 'zfp'}], 'must have the form owner/name'),
        ([RECORD | {'created_at': 'then'}], "isoformat string: 'then'"),
        ([RECORD | {'created_at': '2015-01-01'}], 'has no time zone'),
        ([RECORD | {'created_at': '2026-01-01T00:00:00Z'}], 'must be between'),
        ([RECORD, RECORD], 'LLNL/zfp already exists, in two records'),
    ],
)
def test_an_invalid_record_is_reported(
    tmp_path: Path, records: list[object], expected: str
) -> None:
    file = written(tmp_path / 'bad.json', *records)
    with pytest.raises(SimulatorError) as refusal:
        load_recorded(file, TODAY)
    message = str(refusal.value)
    assert message.startswith(f'{file}: ')
    assert expected in message
    assert '\n' not in message


def test_an_unreadable_file_is_reported(tmp_path: Path) -> None:
    file = tmp_path / 'absent.json'
    with pytest.raises(SimulatorError, match='cannot be read: No such file'):
        load_recorded(file, TODAY)
    file.write_text('[{')
    with pytest.raises(SimulatorError, match='is not JSON'):
        load_recorded(file, TODAY)
    file.write_text('{}')
    with pytest.raises(SimulatorError, match='a JSON list'):
        load_recorded(file, TODAY)


def test_the_recorded_day_can_be_loaded_and_advanced(data: Path) -> None:
    file = data / 'recorded/llnl-2025-12-27.json'
    world = load_recorded(file, TODAY)
    records = json.loads(file.read_text())
    assert len(world.repositories) == len(records) == 1156
    assert len(world.accounts) == 48
    loaded = {
        world.full_name(item): (item.stars, item.languages)
        for item in world.repositories.values()
    }
    assert loaded == {
        record['full_name']: (record['stars'], record['languages'])
        for record in records
    }
    assert world.advance(days=2)
    assert world.today == datetime.date(2025, 12, 30)
