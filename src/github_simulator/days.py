"""Let a day pass: what changes on GitHub from one noon to the next."""

from github_simulator.changes import Change, Changes
from github_simulator.diary import Day, developed
from github_simulator.dice import digest
from github_simulator.model import Repository
from github_simulator.surprises import surprise

# Chance that a repository is touched this way on a day.
OFTEN = {
    'pushed': 0.08,
    'issues moved': 0.10,
    'moved silently': 0.02,
}
# Chance a day that what may return does.
RETURN_CHANCE = 0.2
# One repository in so many trends, for so many days of each cycle.
TRENDING_SHARE = 12
TRENDING_CYCLE_DAYS = 45
TRENDING_DAYS = 12


def live_through(world: Changes) -> list[Change]:
    """Change the world as its present day demands; return what changed."""
    day = Day(world)
    _bring_languages_back(day)
    _bring_repositories_back(day)
    for repository in list(world.repositories.values()):
        _touch(day, repository)
    for account_id in list(world.accounts):
        surprise(day, account_id)
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
        languages = developed(repository.languages, day.dice)
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


def _move_issues(day: Day, repository: Repository) -> None:
    change = day.dice.whole(-2, 3)
    repository.open_issues = max(0, repository.open_issues + change)
    pulls = repository.open_pull_requests + day.dice.whole(-1, 1)
    repository.open_pull_requests = max(0, pulls)
    repository.updated_at = day.moment()
    day.note('issues moved', repository.id)
