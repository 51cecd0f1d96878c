"""Load recorded repositories into a world."""

import datetime
import json
from pathlib import Path
from typing import Any

from github_simulator.errors import SimulatorError
from github_simulator.generate import GITHUB_OPENED
from github_simulator.model import Repository
from github_simulator.recorded_rest import (
    add_recorded,
    read_pages,
)
from github_simulator.rng import Rng, stable_hash
from github_simulator.state import LARGEST_ID, midnight
from github_simulator.world import World

GENERATED_VALUES_NOTE = (
    '--load takes a JSON list of flat objects, a JSON list of objects of '
    "GitHub's REST API, or a folder of recorded REST pages. Recorded values "
    'are served unchanged. Missing values are generated, the same on every '
    'run. For flat objects: each id is a hash of the name; each owner is an '
    'organization, as old as its oldest repository; the last update and the '
    'last push of a repository are between its creation and yesterday; a '
    'repository has no topics, and is not a fork, archived or private. For '
    'REST objects: bytes by '
    'language are random, for the primary language and up to four others; '
    'a repository of size 0 has none; a login or name that is already used '
    'gets the id appended; a missing counter is 0; a missing update time is '
    'the creation time.'
)
TEXTS = ('full_name', 'created_at')
TEXTS_OR_NULL = ('description', 'language', 'license_spdx')
COUNTERS = ('stars', 'forks', 'open_issues', 'open_pull_requests')


def load_recorded(path: Path, today: datetime.date) -> World:
    """Load the repositories in a file into a world as of a UTC date.

    The file is a JSON list of flat objects with `full_name`, `created_at`
    (ISO 8601), `description`, `language`, `license_spdx`, `stars`, `forks`,
    `open_issues` (without pull requests), `open_pull_requests` and
    `languages` (bytes by name); or a list of REST objects, each plain or
    under the key `repository`; or a folder of recorded REST pages.
    GENERATED_VALUES_NOTE describes the generated values.

    Raises:
        SimulatorError: the file or one of its records is invalid.
    """
    world = World(today)
    records = read_pages(path) if path.is_dir() else _read(path)
    plain = [_unwrap(record) for record in records]
    if any(isinstance(r, dict) and 'private' in r for r in plain):
        add_recorded(world, plain, path)
        return world
    repositories = _parse_all(records, path, today)
    # Sorted by name, so that ids do not depend on the order in the file.
    repositories.sort(key=lambda record: str(record['full_name']).lower())
    _add_accounts(world, repositories)
    for record in repositories:
        try:
            world.add_repository(_repository(record, world))
        except SimulatorError as error:
            raise SimulatorError(f'{path}: {error}, in two records') from error
    return world


def _parse_all(
    records: list[Any], path: Path, today: datetime.date
) -> list[dict[str, Any]]:
    parsed = []
    for number, record in enumerate(records, start=1):
        try:
            parsed.append(_parse(record, today))
        except (KeyError, TypeError, ValueError) as error:
            raise SimulatorError(
                f'{path}: record {number}{_name_of(record)} is invalid: '
                f'{_reason(error)}'
            ) from error
    return parsed


def _unwrap(record: Any) -> Any:
    if isinstance(record, dict):
        return record.get('repository', record)
    return record


def _read(path: Path) -> list[Any]:
    try:
        records = json.loads(path.read_text(encoding='utf-8'))
    except OSError as error:
        raise SimulatorError(
            f'{path} cannot be read: {error.strerror}'
        ) from error
    except ValueError as error:
        raise SimulatorError(f'{path} is not JSON: {error}') from error
    if not isinstance(records, list):
        raise SimulatorError(f'{path}: must be a JSON list of repositories')
    return records


def _parse(record: Any, today: datetime.date) -> dict[str, Any]:
    """Return the record with parsed values."""
    if not isinstance(record, dict):
        raise TypeError('it is not a JSON object')
    for key in TEXTS:
        if not isinstance(record[key], str):
            raise TypeError(f'{key} must be a string')
    for key in TEXTS_OR_NULL:
        if not isinstance(record[key], str | None):
            raise TypeError(f'{key} must be a string or null')
    languages = record['languages']
    if not isinstance(languages, dict):
        raise TypeError('languages must be a JSON object')
    counts = {key: record[key] for key in COUNTERS} | languages
    for key, value in counts.items():
        if type(value) is not int or value < 0:
            raise ValueError(f'{key} must be a whole number of at least 0')
    owner, _, name = record['full_name'].partition('/')
    if not owner or not name or '/' in name:
        raise ValueError('full_name must have the form owner/name')
    created_at = datetime.datetime.fromisoformat(record['created_at'])
    if created_at.tzinfo is None:
        raise ValueError('created_at has no time zone')
    if (
        not GITHUB_OPENED - datetime.timedelta(365)
        < created_at
        < midnight(today)
    ):
        raise ValueError(f'created_at must be between 2007 and {today}')
    return {**record, 'created_at': created_at, 'owner': owner, 'name': name}


def _name_of(record: Any) -> str:
    name = record.get('full_name') if isinstance(record, dict) else None
    return f' ({name})' if isinstance(name, str) else ''


def _reason(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f'{error.args[0]} is missing'
    return str(error)


def _add_accounts(world: World, records: list[dict[str, Any]]) -> None:
    founded: dict[str, datetime.datetime] = {}
    spelling: dict[str, str] = {}
    for record in records:
        login = record['owner'].lower()
        spelling.setdefault(login, record['owner'])
        founded[login] = min(
            founded.get(login, record['created_at']), record['created_at']
        )
    for login, created_at in founded.items():
        world.add_account(spelling[login], 'Organization', created_at)


def _repository(record: dict[str, Any], world: World) -> Repository:
    account = world.account_by_login(record['owner'])
    assert account is not None
    full_name = record['full_name'].lower()
    created_at = record['created_at'].astimezone(datetime.timezone.utc)
    age = int((midnight(world.today) - created_at).total_seconds())
    rng = Rng('recorded', full_name)
    moments = [
        created_at + datetime.timedelta(seconds=rng.integer(0, age - 1))
        for _ in range(2)
    ]
    wanted = stable_hash('repository', full_name) % LARGEST_ID
    return Repository(
        id=world.unused_id(world.repositories, wanted),
        owner_id=account.id,
        name=record['name'],
        created_at=created_at,
        updated_at=moments[0],
        pushed_at=moments[1],
        languages=dict(record['languages']),
        **{key: record[key] for key in TEXTS_OR_NULL + COUNTERS},
    )
