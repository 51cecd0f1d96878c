"""Load repositories recorded from GitHub's REST API."""

import datetime
import json
import re
from pathlib import Path
from typing import Any

from github_simulator.catalogue import LANGUAGES
from github_simulator.errors import SimulatorError
from github_simulator.generate import GITHUB_OPENED
from github_simulator.model import Repository
from github_simulator.rng import Rng
from github_simulator.world import World

# The names of a counter in current and older API versions, newest first.
_COUNTERS = {
    'stars': ('stargazers_count', 'watchers_count', 'watchers'),
    'forks': ('forks_count', 'forks'),
    'open_issues': ('open_issues_count', 'open_issues'),
}

Record = dict[str, Any]


def read_pages(folder: Path) -> list[Record]:
    """Return the repositories on the recorded pages in a folder.

    Pages are the JSON files in its folder `__files` that contain a list.

    Raises:
        SimulatorError: there is no page, or a file cannot be read.
    """
    records: list[Record] = []
    for path in sorted((folder / '__files').glob('*.json')):
        try:
            page = json.loads(path.read_text(encoding='utf-8'))
        except (OSError, ValueError) as error:
            raise SimulatorError(f'{path} cannot be read: {error}') from error
        if isinstance(page, list):
            records += page
    if not records:
        raise SimulatorError(
            f'{folder}: __files contains no page of repositories'
        )
    return records


def add_recorded(world: World, records: list[Any], path: Path) -> None:
    """Add REST objects of repositories to a world.

    Recorded values are kept, with two exceptions: characters that are not
    valid in a login are removed, and a login or name that is already used
    gets the id appended. GENERATED_VALUES_NOTE describes the generated values.

    Raises:
        SimulatorError: a record is invalid.
    """
    accounts: dict[int, int] = {}
    for number, record in enumerate(records, start=1):
        try:
            owner = record['owner']
            if owner['id'] not in accounts:
                accounts[owner['id']] = _add_account(world, owner, records)
            world.add_repository(_repository(world, record, owner['id']))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise SimulatorError(
                f'{path}: record {number} is invalid: '
                f'{type(error).__name__} {error}'
            ) from error


def _add_account(world: World, owner: Record, records: list[Any]) -> int:
    login = re.sub('[^A-Za-z0-9_-]', '', owner['login'])
    if world.account_by_login(login) is not None:
        login = f'{login}-{owner["id"]}'
    founded = min(
        _moment(record.get('created_at')) or GITHUB_OPENED
        for record in records
        if (record.get('owner') or {}).get('id') == owner['id']
    )
    account_type = owner.get('type') or 'User'
    return world.add_account(login, account_type, founded, owner['id']).id


def _repository(world: World, record: Record, owner_id: int) -> Repository:
    name = record['name']
    if not world.is_free(owner_id, name):
        name = f'{name}-{record["id"]}'
    created_at = _moment(record.get('created_at')) or GITHUB_OPENED
    visibility = 'private' if record['private'] else 'public'
    license_info = record.get('license') or {}
    return Repository(
        id=record['id'],
        owner_id=owner_id,
        name=name,
        created_at=created_at,
        updated_at=_moment(record.get('updated_at')) or created_at,
        pushed_at=_moment(record.get('pushed_at')),
        description=record.get('description'),
        language=record.get('language'),
        license_spdx=license_info.get('spdx_id'),
        is_fork=record['fork'],
        is_archived=record.get('archived', False),
        visibility=record.get('visibility', visibility),
        languages=_languages(record),
        topics=tuple(record.get('topics', ())),
        default_branch=record.get('default_branch') or 'main',
        recorded_node_id=record.get('node_id'),
        **{key: _counter(record, names) for key, names in _COUNTERS.items()},
    )


def _counter(record: Record, names: tuple[str, ...]) -> int:
    for name in names:
        if record.get(name) is not None:
            return int(record[name])
    return 0


def _moment(value: object) -> datetime.datetime | None:
    """Parse a time; very old responses have seconds since 1970."""
    if value is None:
        return None
    if isinstance(value, int):
        return datetime.datetime.fromtimestamp(value, datetime.timezone.utc)
    moment = datetime.datetime.fromisoformat(str(value))
    return moment.astimezone(datetime.timezone.utc)


def _languages(record: Record) -> dict[str, int]:
    """Generate bytes by language, which the recordings do not contain."""
    if not record.get('size'):
        return {}
    rng = Rng('recorded', record['id'])
    names = [name for name, _, _ in LANGUAGES]
    chosen = {rng.choice(names) for _ in range(rng.integer(0, 4))}
    if record.get('language'):
        chosen.add(record['language'])
    largest = 2**33 if rng.chance(0.01) else 10**6
    return {name: rng.integer(10, largest) for name in sorted(chosen)}
