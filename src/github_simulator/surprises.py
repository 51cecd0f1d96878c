"""Let the seldom things happen: repositories leave, move, lose code."""

from collections.abc import Callable

from github_simulator.catalogue import LANGUAGES
from github_simulator.diary import Day, developed
from github_simulator.generate import (
    draw_license,
    invent,
    unused_name,
)
from github_simulator.model import Repository

# Mean number of these per repository of an account and day.
SELDOM = {
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
# So many repositories at most leave an account's public list on one day, so
# that looking each of them up stays cheap.
MOST_LEAVING = 2
# What so many have starred is not deleted, hidden or given away by the way.
FLAGSHIP_STARS = 1000
# Every second one that leaves may return on a later day.
MAY_RETURN = 0.5


def surprise(day: Day, account_id: int) -> None:
    """Let the day's seldom changes happen to an account's repositories."""
    owned = [
        repository
        for repository in day.world.owned_by(account_id)
        if repository.is_public and not repository.is_archived
    ]
    for kind, rate in SELDOM.items():
        count = day.dice.rounded(rate * len(owned))
        if kind == 'left':
            count = min(count, MOST_LEAVING)
        for _ in range(min(count, len(owned))):
            # Taken out: no repository meets two surprises on one day.
            repository = owned.pop(day.dice.whole(0, len(owned) - 1))
            SURPRISES[kind](day, repository)


def _create(day: Day, sibling: Repository) -> None:
    account = day.world.accounts[sibling.owner_id]
    created = invent(day.world, account, day.dice, day.moment())
    day.note('created', created.id)


def _leave(day: Day, repository: Repository) -> None:
    if repository.stars >= FLAGSHIP_STARS:
        return
    world, number = day.world, repository.id
    homes = [
        account_id
        for account_id in world.accounts
        if account_id != repository.owner_id
        and world.is_free(account_id, repository.name)
    ]
    way = day.dice.whole(1, 3 if homes else 2)
    if way == 3:
        world.transfer(number, day.dice.pick(homes), day.moment())
        day.note('transferred', number)
        return
    if way == 2:
        world.set_visibility(number, 'private', day.moment())
        day.note('turned private', number)
    else:
        world.vanish(number)
        day.note('vanished', number)
    if day.dice.chance(MAY_RETURN):
        world.may_return.add(number)


def _rename(day: Day, repository: Repository) -> None:
    name = unused_name(day.world, day.dice)
    day.world.rename(repository.id, name, day.moment())
    day.note('renamed', repository.id)


def _archive(day: Day, repository: Repository) -> None:
    day.world.archive(repository.id, day.moment())
    day.note('archived', repository.id)


def _change_license(day: Day, repository: Repository) -> None:
    license_spdx = draw_license(day.dice)
    if license_spdx != repository.license_spdx:
        day.world.set_license(repository.id, license_spdx, day.moment())
        day.note('license changed', repository.id)


def _drop_language(day: Day, repository: Repository) -> None:
    rest = dict(repository.languages)
    if len(rest) > 1:
        del rest[day.dice.pick(sorted(rest))]
        day.world.push(repository.id, rest, day.moment())
        day.note('language left', repository.id)


def _move_languages(day: Day, repository: Repository) -> None:
    if repository.languages:
        languages = developed(repository.languages, day.dice)
        day.world.set_languages(repository.id, languages)
        day.note('languages moved silently', repository.id)


def _change_primary_language(day: Day, repository: Repository) -> None:
    names = [name for name, _, _ in LANGUAGES if name != repository.language]
    language = day.dice.pick(names)
    day.world.change_primary_language(repository.id, language, day.moment())
    day.note('primary language changed', repository.id)


def _empty_languages(day: Day, repository: Repository) -> None:
    if repository.languages:
        day.world.set_languages(repository.id, {})
        day.note('languages emptied', repository.id)


def _empty_languages_for_a_day(day: Day, repository: Repository) -> None:
    languages = repository.languages
    if languages:
        day.world.set_languages(repository.id, {})
        day.world.languages_due[repository.id] = languages
        day.note('languages emptied for a day', repository.id)


SURPRISES: dict[str, Callable[[Day, Repository], None]] = {
    'created': _create,
    'left': _leave,
    'renamed': _rename,
    'archived': _archive,
    'license changed': _change_license,
    'language left': _drop_language,
    'languages moved silently': _move_languages,
    'primary language changed': _change_primary_language,
    'languages emptied': _empty_languages,
    'languages emptied for a day': _empty_languages_for_a_day,
}
