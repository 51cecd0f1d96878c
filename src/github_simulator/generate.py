"""Generate accounts and their repositories from a seed."""

import bisect
import datetime
import itertools
from collections.abc import Sequence

from github_simulator import catalogue
from github_simulator.accounts import AccountSpec
from github_simulator.dice import Dice
from github_simulator.model import Account, Repository
from github_simulator.state import State, midnight

MOST_STARS = 420_000
MOST_BYTES = 6_000_000_000
MOST_LANGUAGES = 12
PRIVATE_SHARE = 0.02
GITHUB_OPENED = datetime.datetime(2008, 4, 10, tzinfo=datetime.timezone.utc)

LANGUAGE_NAMES = [name for name, _, _ in catalogue.LANGUAGES]
LANGUAGE_LIMITS = list(
    itertools.accumulate(weight for _, weight, _ in catalogue.LANGUAGES)
)
LICENSE_IDS = [spdx_id for spdx_id, _, _ in catalogue.LICENSES]
LICENSE_LIMITS = list(
    itertools.accumulate(weight for _, weight, _ in catalogue.LICENSES)
)


def populate(state: State, specs: Sequence[AccountSpec]) -> None:
    """Add the accounts and their repositories, all older than today."""
    for spec in specs:
        dice = Dice(state.seed, spec.login.lower(), 'account')
        age_days = (midnight(state.today) - GITHUB_OPENED).days
        founded = GITHUB_OPENED + datetime.timedelta(
            days=dice.whole(0, max(0, age_days // 2)),
            seconds=dice.whole(0, 86_399),
        )
        account = state.add_account(spec.login, spec.account_type, founded)
        private = dice.rounded(spec.repositories * PRIVATE_SHARE)
        for hidden in [False] * spec.repositories + [True] * private:
            repository = invent(state, account, dice)
            if hidden:
                repository.visibility = dice.pick(('private', 'internal'))
    _add_collaborations(state)


def invent(
    state: State,
    account: Account,
    dice: Dice,
    created_at: datetime.datetime | None = None,
) -> Repository:
    """Add one repository with a history, or a new one created just then."""
    before = midnight(state.today)
    is_new = created_at is not None
    if created_at is None:
        age = int((before - account.created_at).total_seconds())
        created_at = before - datetime.timedelta(
            seconds=dice.whole(1, max(1, age - 1))
        )
    repository = Repository(
        id=repository_id(state, created_at),
        owner_id=account.id,
        name=unused_name(state, dice),
        created_at=created_at,
        updated_at=created_at,
        pushed_at=created_at,
        description=_description(dice),
        license_spdx=draw_license(dice),
        is_fork=dice.chance(0.12),
        default_branch='main' if dice.chance(0.6) else 'master',
    )
    _add_code(repository, dice)
    if not is_new:
        _add_history(repository, before, dice)
    return state.add_repository(repository)


def repository_id(state: State, created_at: datetime.datetime) -> int:
    """Return an unused id that grows with time, two a second since 2008.

    That comes near GitHub's own: above 1,000,000,000 since 2024.
    """
    seconds = int((created_at - GITHUB_OPENED).total_seconds())
    return state.unused_id(state.repositories, seconds * 2)


def unused_name(state: State, dice: Dice) -> str:
    """Return a repository name that no account has, for easy transfers."""
    first = dice.pick(catalogue.FIRST_WORDS)
    second = dice.pick(catalogue.SECOND_WORDS)
    name = first + dice.pick(('-', '-', '-', '_', '.')) + second
    if dice.chance(0.1):
        name = name.title()
    wanted = name
    while not all(state.is_free(owner, name) for owner in state.accounts):
        name = f'{wanted}-{dice.whole(2, 99_999)}'
    return name


def draw_language(dice: Dice) -> str:
    """Return a language, the usual ones more often."""
    limit = dice.whole(0, LANGUAGE_LIMITS[-1] - 1)
    return LANGUAGE_NAMES[bisect.bisect_right(LANGUAGE_LIMITS, limit)]


def draw_license(dice: Dice) -> str | None:
    """Return a licence's SPDX id, or None for no licence."""
    limit = dice.whole(0, LICENSE_LIMITS[-1] - 1)
    return LICENSE_IDS[bisect.bisect_right(LICENSE_LIMITS, limit)]


def _description(dice: Dice) -> str | None:
    if dice.chance(0.2):
        return None
    return dice.pick(catalogue.DESCRIPTIONS).format(
        dice.pick(catalogue.FIRST_WORDS), dice.pick(catalogue.SECOND_WORDS)
    )


def _add_code(repository: Repository, dice: Dice) -> None:
    if dice.chance(0.06):
        # Documents without code; a third of them was never pushed to.
        if dice.chance(0.3):
            repository.pushed_at = None
        return
    count = 1
    while count < MOST_LANGUAGES and dice.chance(0.68):
        count += 1
    left = min(MOST_BYTES, int(60_000 * dice.skewed()))
    sizes = {}
    for language in {draw_language(dice): None for _ in range(count)}:
        size = max(1, int(left * (0.4 + 0.55 * dice.draw())))
        sizes[language] = size
        left = max(1, left - size)
    repository.languages = sizes
    # Forks now and then have languages but no primary one, as on GitHub.
    if not (repository.is_fork and dice.chance(0.05)):
        repository.language = max(sizes, key=lambda name: sizes[name])


def _add_history(
    repository: Repository, before: datetime.datetime, dice: Dice
) -> None:
    age = int((before - repository.created_at).total_seconds())
    repository.updated_at = before - datetime.timedelta(
        seconds=int(age * dice.draw() * dice.draw()) or 1
    )
    if repository.pushed_at is not None:
        repository.pushed_at = before - datetime.timedelta(
            seconds=int(age * dice.draw()) or 1
        )
    scale = 0.1 if repository.is_fork else 2.0
    popularity = scale * (dice.skewed() - 1)
    repository.stars = min(MOST_STARS, int(popularity))
    repository.forks = int(repository.stars * (0.05 + 0.4 * dice.draw()))
    repository.open_issues = int(repository.stars * 0.1 * dice.draw())
    repository.open_pull_requests = int(repository.stars * 0.03 * dice.draw())
    repository.is_archived = dice.chance(0.08)
    if dice.chance(0.5):
        count = dice.whole(1, 4)
        topics = {dice.pick(catalogue.FIRST_WORDS) for _ in range(count)}
        repository.topics = tuple(sorted(topics))


def _add_collaborations(state: State) -> None:
    """Let every user collaborate on one public repository of another."""
    for account in state.accounts.values():
        if account.account_type != 'User':
            continue
        others = [
            repository.id
            for repository in state.repositories.values()
            if repository.owner_id != account.id and repository.is_public
        ]
        if others:
            dice = Dice(state.seed, account.login.lower(), 'collaborates')
            account.collaborates_on.add(dice.pick(others))
