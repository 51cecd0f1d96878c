"""Read recorded repositories into a world."""

import datetime
import json
from pathlib import Path
from typing import Any

from github_simulator.dice import Dice, digest
from github_simulator.errors import SimulatorError
from github_simulator.generate import GITHUB_OPENED
from github_simulator.model import Repository
from github_simulator.recorded_rest import (
    add_recorded,
    read_pages,
)
from github_simulator.state import LARGEST_ID, midnight
from github_simulator.world import World

SUPPLIED_NOTE = (
    '--load takes a JSON list of flat objects, a JSON list of objects of '
    "GitHub's REST API, or a folder of recorded REST pages. What is recorded "
    'is served as it is; what is lacking is supplied, the same on every run. '
    'Flat objects: ids follow from the names, every owner is an organisation '
    'founded with its oldest repository, the last update and push lie '
    'between the creation and the day before today, nothing is a fork, '
    'archived or private, and there are no topics. REST objects: bytes by '
    'language are made up around the primary language, none where the size '
    'is 0; a login or name that is taken gets its id appended; counters and '
    'times that old servers left out are 0, or those of their creation.'
)
TEXTS = ('full_name', 'created_at')
TEXTS_OR_NULL = ('description', 'language', 'license_spdx')
COUNTERS = ('stars', 'forks', 'open_issues', 'open_pull_requests')


def load_recorded(path: Path, today: datetime.date) -> World:
    """Return a world of the repositories in a file, as of a UTC date.

    The file is a JSON list of flat objects with `full_name`, `created_at`
    (ISO 8601), `description`, `language`, `license_spdx`, `stars`, `forks`,
    `open_issues` (without pull requests), `open_pull_requests` and
    `languages` (bytes by name); or a list of REST objects, plain or each
    as `repository` of an object; or a folder of recorded REST pages.
    SUPPLIED_NOTE says what is made up.

    Raises:
        SimulatorError: the file or one of its records cannot be used.
    """
    world = World(today)
    records = read_pages(path) if path.is_dir() else _read(path)
    plain = [_unwrapped(record) for record in records]
    if any(isinstance(r, dict) and 'private' in r for r in plain):
        add_recorded(world, plain, path)
        return world
    repositories = []
    for number, record in enumerate(records, start=1):
        try:
            repositories.append(_checked(record, today))
        except (KeyError, TypeError, ValueError) as error:
            raise SimulatorError(
                f'{path}: record {number}{_name_of(record)} cannot be used: '
                f'{_reason(error)}'
            ) from error
    # In the order of names, so that ids do not depend on the file's order.
    repositories.sort(key=lambda record: str(record['full_name']).lower())
    _add_accounts(world, repositories)
    for record in repositories:
        try:
            world.add_repository(_repository(record, world))
        except SimulatorError as error:
            raise SimulatorError(f'{path}: {error}, in two records') from error
    return world


def _unwrapped(record: Any) -> Any:
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
        raise SimulatorError(f'{path} is no JSON: {error}') from error
    if not isinstance(records, list):
        raise SimulatorError(f'{path}: a JSON list of repositories is needed')
    return records


def _checked(record: Any, today: datetime.date) -> dict[str, Any]:
    """Return a record all of whose values can be used."""
    if not isinstance(record, dict):
        raise TypeError('it is no JSON object')
    for key in TEXTS:
        if not isinstance(record[key], str):
            raise TypeError(f'{key} is no text')
    for key in TEXTS_OR_NULL:
        if not isinstance(record[key], str | None):
            raise TypeError(f'{key} is neither text nor null')
    languages = record['languages']
    if not isinstance(languages, dict):
        raise TypeError('languages is no JSON object')
    counts = {key: record[key] for key in COUNTERS} | languages
    for key, value in counts.items():
        if type(value) is not int or value < 0:
            raise ValueError(f'{key} is no whole number from 0 upward')
    owner, _, name = record['full_name'].partition('/')
    if not owner or not name or '/' in name:
        raise ValueError('full_name is not of the form owner/name')
    created_at = datetime.datetime.fromisoformat(record['created_at'])
    if created_at.tzinfo is None:
        raise ValueError('created_at has no time zone')
    if (
        not GITHUB_OPENED - datetime.timedelta(365)
        < created_at
        < midnight(today)
    ):
        raise ValueError(f'created_at is not between 2007 and {today}')
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
    spelled: dict[str, str] = {}
    for record in records:
        login = record['owner'].lower()
        spelled.setdefault(login, record['owner'])
        founded[login] = min(
            founded.get(login, record['created_at']), record['created_at']
        )
    for login, created_at in founded.items():
        world.add_account(spelled[login], 'Organization', created_at)


def _repository(record: dict[str, Any], world: World) -> Repository:
    account = world.account_by_login(record['owner'])
    assert account is not None
    full_name = record['full_name'].lower()
    created_at = record['created_at'].astimezone(datetime.timezone.utc)
    age = int((midnight(world.today) - created_at).total_seconds())
    dice = Dice('recorded', full_name)
    moments = [
        created_at + datetime.timedelta(seconds=dice.whole(0, age - 1))
        for _ in range(2)
    ]
    wanted = digest('repository', full_name) % LARGEST_ID
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
