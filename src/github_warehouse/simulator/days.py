"""Let a day pass: what changes on GitHub from one noon to the next."""

import datetime
from collections.abc import Callable

from github_warehouse.simulator.catalogue import LANGUAGES
from github_warehouse.simulator.changes import (
    NAMED_FROM,
    Change,
    Changes,
)
from github_warehouse.simulator.dice import Dice, digest
from github_warehouse.simulator.generate import (
    draw_language,
    draw_license,
    invent,
    unused_name,
)
from github_warehouse.simulator.model import Repository
from github_warehouse.simulator.state import midnight

# Chance that a repository is touched this way on a day.
OFTEN = {
    'pushed': 0.08,
    'issues moved': 0.10,
    'moved silently': 0.02,
}
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
# Every second one that leaves may return, with this chance a day.
RETURN_CHANCE = 0.2
# One repository in so many trends, for so many days of each cycle.
TRENDING_SHARE = 25
TRENDING_CYCLE_DAYS = 45
TRENDING_DAYS = 12


class Day:
    """One day of one world, with its dice and a diary of changes."""

    def __init__(self, world: Changes) -> None:
        self.world = world
        self.number = world.today.toordinal()
        self.dice = Dice(world.seed, self.number, 'day')
        self.diary: list[Change] = []

    def moment(self) -> datetime.datetime:
        """Return a time of this day before the named changes start."""
        last = int(NAMED_FROM.total_seconds()) - 1
        return midnight(self.world.today) + datetime.timedelta(
            seconds=self.dice.whole(0, last)
        )

    def note(self, kind: str, repository_id: int) -> None:
        """Write a change into the diary."""
        self.diary.append(Change(self.world.today, kind, repository_id))


def live_through(world: Changes) -> list[Change]:
    """Change the world as its present day demands; return what changed."""
    day = Day(world)
    _bring_languages_back(day)
    _bring_repositories_back(day)
    for repository in list(world.repositories.values()):
        _touch(day, repository)
    for account_id in list(world.accounts):
        _surprise(day, account_id)
    return day.diary


def _bring_languages_back(day: Day) -> None:
    for number, languages in list(day.world.languages_due.items()):
        if number in day.world.repositories:
            day.world.set_languages(number, languages)
            day.note('languages came back', number)
    day.world.languages_due.clear()


def _bring_repositories_back(day: Day) -> None:
    world = day.world
    for number in sorted(world.may_return):
        if not day.dice.chance(RETURN_CHANCE):
            continue
        world.may_return.discard(number)
        gone = world.vanished.get(number)
        if number in world.repositories:
            world.set_visibility(number, 'public', day.moment())
            day.note('turned public', number)
        elif (
            gone is not None
            and gone.owner_id in world.accounts
            and world.is_free(gone.owner_id, gone.name)
        ):
            world.restore(number)
            day.note('returned', number)


def _touch(day: Day, repository: Repository) -> None:
    stars = _new_stars(day, repository)
    if stars:
        day.world.star(repository.id, stars, day.moment())
        repository.forks += day.dice.rounded(max(0, stars) * 0.12)
        day.note('starred', repository.id)
    if day.dice.chance(OFTEN['moved silently']):
        day.world.move_silently(repository.id)
        day.note('moved silently', repository.id)
    if repository.is_archived:
        return
    if day.dice.chance(OFTEN['pushed']):
        languages = _developed(repository.languages, day.dice)
        day.world.push(repository.id, languages, day.moment())
        day.note('pushed', repository.id)
    if day.dice.chance(OFTEN['issues moved']):
        _move_issues(day, repository)


def _new_stars(day: Day, repository: Repository) -> int:
    rate = repository.stars * 0.0007 + 0.02 + _trend(day, repository)
    gained = day.dice.rounded(rate * 2 * day.dice.draw())
    if not gained and repository.stars and day.dice.chance(0.02):
        return -1
    return gained


def _trend(day: Day, repository: Repository) -> float:
    """Return the stars a day of a repository that takes off, else 0."""
    if repository.stars < 2 or repository.is_fork:
        return 0.0
    luck = digest(day.world.seed, repository.id)
    if luck % TRENDING_SHARE:
        return 0.0
    start = luck // TRENDING_SHARE % TRENDING_CYCLE_DAYS
    age = (day.number - start) % TRENDING_CYCLE_DAYS
    if age >= TRENDING_DAYS:
        return 0.0
    swing = 4 * (age + 1) * (TRENDING_DAYS - age) / TRENDING_DAYS**2
    return (60 + repository.stars * 0.02) * swing


def _developed(languages: dict[str, int], dice: Dice) -> dict[str, int]:
    """Return the languages after a push: slow growth, seldom a new one."""
    grown = {
        name: max(1, int(size * (0.995 + 0.02 * dice.draw())) + 1)
        for name, size in languages.items()
    }
    if dice.chance(0.04):
        grown.setdefault(draw_language(dice), dice.whole(200, 20_000))
    return grown


def _move_issues(day: Day, repository: Repository) -> None:
    change = day.dice.whole(-2, 3)
    repository.open_issues = max(0, repository.open_issues + change)
    pulls = repository.open_pull_requests + day.dice.whole(-1, 1)
    repository.open_pull_requests = max(0, pulls)
    repository.updated_at = day.moment()
    day.note('issues moved', repository.id)


def _surprise(day: Day, account_id: int) -> None:
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
    if day.dice.chance(0.5):
        world.may_return.add(number)


def _rename(day: Day, repository: Repository) -> None:
    name = unused_name(day.world, repository.owner_id, day.dice)
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
        languages = _developed(repository.languages, day.dice)
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
