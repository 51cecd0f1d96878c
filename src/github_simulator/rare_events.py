"""Rare events: repositories are created, removed, renamed, lose code."""

from collections.abc import Callable

from github_simulator.catalogue import LANGUAGES
from github_simulator.change_log import Day
from github_simulator.generate import (
    draw_license,
    generate_repository,
    grow_languages,
    unused_name,
)
from github_simulator.model import Repository

# Mean number of events per repository of an account and day.
RARE_DAILY_RATES = {
    'created': 0.003,
    'left': 0.003,
    'renamed': 0.001,
    'archived': 0.001,
    'license changed': 0.001,
    'language left': 0.0015,
    'languages moved silently': 0.0015,
    'primary language changed': 0.0015,
    'languages emptied': 0.0005,
    'languages emptied for a day': 0.0015,
}
# At most this many repositories leave an account's public list on one day:
# clients look up each of them.
MAX_REMOVALS = 2
# Repositories with this many stars are not deleted, hidden or transferred.
FLAGSHIP_STARS = 1000
# Probability that a removed repository may return on a later day.
RETURN_PROBABILITY = 0.5


def apply_rare_events(day: Day, account_id: int) -> None:
    """Apply the day's rare events to the repositories of an account."""
    owned = [
        repository
        for repository in day.world.owned_by(account_id)
        if repository.is_public and not repository.is_archived
    ]
    for kind, rate in RARE_DAILY_RATES.items():
        count = day.rng.round_randomly(rate * len(owned))
        if kind == 'left':
            count = min(count, MAX_REMOVALS)
        for _ in range(min(count, len(owned))):
            # Popped: a repository has at most one rare event a day.
            repository = owned.pop(day.rng.integer(0, len(owned) - 1))
            RARE_EVENTS[kind](day, repository)


def _create(day: Day, sibling: Repository) -> None:
    account = day.world.accounts[sibling.owner_id]
    created = generate_repository(
        day.world, account, day.rng, day.random_time()
    )
    day.log('created', created.id)


def _remove(day: Day, repository: Repository) -> None:
    if repository.stars >= FLAGSHIP_STARS:
        return
    world, number = day.world, repository.id
    new_owners = [
        account_id
        for account_id in world.accounts
        if account_id != repository.owner_id
        and world.is_free(account_id, repository.name)
    ]
    kind = day.rng.integer(1, 3 if new_owners else 2)
    if kind == 3:
        world.transfer(number, day.rng.choice(new_owners), day.random_time())
        day.log('transferred', number)
        return
    if kind == 2:
        world.set_visibility(number, 'private', day.random_time())
        day.log('turned private', number)
    else:
        world.vanish(number)
        day.log('vanished', number)
    if day.rng.chance(RETURN_PROBABILITY):
        world.may_be_restored.add(number)


def _rename(day: Day, repository: Repository) -> None:
    name = unused_name(day.world, day.rng)
    day.world.rename(repository.id, name, day.random_time())
    day.log('renamed', repository.id)


def _archive(day: Day, repository: Repository) -> None:
    day.world.archive(repository.id, day.random_time())
    day.log('archived', repository.id)


def _change_license(day: Day, repository: Repository) -> None:
    license_spdx = draw_license(day.rng)
    if license_spdx != repository.license_spdx:
        day.world.set_license(repository.id, license_spdx, day.random_time())
        day.log('license changed', repository.id)


def _drop_language(day: Day, repository: Repository) -> None:
    rest = dict(repository.languages)
    if len(rest) > 1:
        del rest[day.rng.choice(sorted(rest))]
        day.world.push(repository.id, rest, day.random_time())
        day.log('language left', repository.id)


def _move_languages(day: Day, repository: Repository) -> None:
    if repository.languages:
        languages = grow_languages(repository.languages, day.rng)
        day.world.set_languages(repository.id, languages)
        day.log('languages moved silently', repository.id)


def _change_primary_language(day: Day, repository: Repository) -> None:
    names = [name for name, _, _ in LANGUAGES if name != repository.language]
    language = day.rng.choice(names)
    day.world.change_primary_language(
        repository.id, language, day.random_time()
    )
    day.log('primary language changed', repository.id)


def _empty_languages(day: Day, repository: Repository) -> None:
    if repository.languages:
        day.world.set_languages(repository.id, {})
        day.log('languages emptied', repository.id)


def _empty_languages_for_a_day(day: Day, repository: Repository) -> None:
    languages = repository.languages
    if languages:
        day.world.set_languages(repository.id, {})
        day.world.languages_to_restore[repository.id] = languages
        day.log('languages emptied for a day', repository.id)


RARE_EVENTS: dict[str, Callable[[Day, Repository], None]] = {
    'created': _create,
    'left': _remove,
    'renamed': _rename,
    'archived': _archive,
    'license changed': _change_license,
    'language left': _drop_language,
    'languages moved silently': _move_languages,
    'primary language changed': _change_primary_language,
    'languages emptied': _empty_languages,
    'languages emptied for a day': _empty_languages_for_a_day,
}
