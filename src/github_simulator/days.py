"""Simulate one day: what changes on GitHub from one noon to the next."""

from github_simulator.change_log import Change, Day
from github_simulator.changes import Changes
from github_simulator.generate import grow_languages
from github_simulator.model import Repository
from github_simulator.rare_events import apply_rare_events
from github_simulator.rng import stable_hash

# Probability of each kind of change, per repository and day.
DAILY_CHANCES = {
    'pushed': 0.08,
    'issues moved': 0.10,
    'moved silently': 0.02,
}
# Probability per day that a repository that may return does return.
RETURN_CHANCE = 0.2
# One repository in TRENDING_SHARE trends, for TRENDING_DAYS of each cycle.
TRENDING_SHARE = 12
TRENDING_CYCLE_DAYS = 45
TRENDING_DAYS = 12


def simulate_day(world: Changes) -> list[Change]:
    """Apply the changes of the world's current day and return them."""
    day = Day(world)
    _restore_languages(day)
    _restore_repositories(day)
    for repository in list(world.repositories.values()):
        _change_repository(day, repository)
    for account_id in list(world.accounts):
        apply_rare_events(day, account_id)
    return day.change_log


def _restore_languages(day: Day) -> None:
    for number, languages in list(day.world.languages_to_restore.items()):
        if number in day.world.repositories:
            day.world.set_languages(number, languages)
            day.log('languages came back', number)
    day.world.languages_to_restore.clear()


def _restore_repositories(day: Day) -> None:
    world = day.world
    for number in sorted(world.may_be_restored):
        if not day.rng.chance(RETURN_CHANCE):
            continue
        world.may_be_restored.discard(number)
        gone = world.vanished.get(number)
        if number in world.repositories:
            world.set_visibility(number, 'public', day.random_time())
            day.log('turned public', number)
        elif (
            gone is not None
            and gone.owner_id in world.accounts
            and world.is_free(gone.owner_id, gone.name)
        ):
            world.restore(number)
            day.log('returned', number)


def _change_repository(day: Day, repository: Repository) -> None:
    stars = _new_stars(day, repository)
    if stars:
        day.world.star(repository.id, stars, day.random_time())
        repository.forks += day.rng.round_randomly(max(0, stars) * 0.12)
        day.log('starred', repository.id)
    if day.rng.chance(DAILY_CHANCES['moved silently']):
        day.world.move_silently(repository.id)
        day.log('moved silently', repository.id)
    if repository.is_archived:
        return
    if day.rng.chance(DAILY_CHANCES['pushed']):
        languages = grow_languages(repository.languages, day.rng)
        day.world.push(repository.id, languages, day.random_time())
        day.log('pushed', repository.id)
    if day.rng.chance(DAILY_CHANCES['issues moved']):
        _move_issues(day, repository)


def _new_stars(day: Day, repository: Repository) -> int:
    rate = repository.stars * 0.0007 + 0.02 + _trend(day, repository)
    gained = day.rng.round_randomly(rate * 2 * day.rng.random())
    if not gained and repository.stars and day.rng.chance(0.02):
        return -1
    return gained


def _trend(day: Day, repository: Repository) -> float:
    """Return the extra stars per day of a trending repository, else 0."""
    if repository.stars < 2 or repository.is_fork:
        return 0.0
    number = stable_hash(day.world.seed, repository.id)
    if number % TRENDING_SHARE:
        return 0.0
    start = number // TRENDING_SHARE % TRENDING_CYCLE_DAYS
    age = (day.number - start) % TRENDING_CYCLE_DAYS
    if age >= TRENDING_DAYS:
        return 0.0
    factor = 4 * (age + 1) * (TRENDING_DAYS - age) / TRENDING_DAYS**2
    return (60 + repository.stars * 0.02) * factor


def _move_issues(day: Day, repository: Repository) -> None:
    change = day.rng.integer(-2, 3)
    repository.open_issues = max(0, repository.open_issues + change)
    pulls = repository.open_pull_requests + day.rng.integer(-1, 1)
    repository.open_pull_requests = max(0, pulls)
    repository.updated_at = day.random_time()
    day.log('issues moved', repository.id)
