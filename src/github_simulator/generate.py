"""Generate accounts and their repositories from a seed."""

import bisect
import datetime
import itertools
from collections.abc import Sequence

from github_simulator import catalogue
from github_simulator.accounts import AccountSpec
from github_simulator.model import Account, Repository
from github_simulator.rng import Rng
from github_simulator.state import State, midnight

MAX_STARS = 420_000
MAX_BYTES = 6_000_000_000
MAX_LANGUAGES = 12
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
    """Add accounts and their repositories, all created before today."""
    for spec in specs:
        rng = Rng(state.seed, spec.login.lower(), 'account')
        age_days = (midnight(state.today) - GITHUB_OPENED).days
        founded = GITHUB_OPENED + datetime.timedelta(
            days=rng.integer(0, max(0, age_days // 2)),
            seconds=rng.integer(0, 86_399),
        )
        account = state.add_account(spec.login, spec.account_type, founded)
        private = rng.round_randomly(spec.repositories * PRIVATE_SHARE)
        for hidden in [False] * spec.repositories + [True] * private:
            repository = generate_repository(state, account, rng)
            if hidden:
                repository.visibility = rng.choice(('private', 'internal'))
    _add_collaborations(state)


def generate_repository(
    state: State,
    account: Account,
    rng: Rng,
    created_at: datetime.datetime | None = None,
) -> Repository:
    """Add a repository: a new one if `created_at` is given.

    Otherwise it was created at a random time, and has stars and pushes.
    """
    before = midnight(state.today)
    is_new = created_at is not None
    if created_at is None:
        age = int((before - account.created_at).total_seconds())
        created_at = before - datetime.timedelta(
            seconds=rng.integer(1, max(1, age - 1))
        )
    repository = Repository(
        id=repository_id(state, created_at),
        owner_id=account.id,
        name=unused_name(state, rng),
        created_at=created_at,
        updated_at=created_at,
        pushed_at=created_at,
        description=_description(rng),
        license_spdx=draw_license(rng),
        is_fork=rng.chance(0.12),
        default_branch='main' if rng.chance(0.6) else 'master',
    )
    _add_code(repository, rng)
    if not is_new:
        _add_history(repository, before, rng)
    return state.add_repository(repository)


def repository_id(state: State, created_at: datetime.datetime) -> int:
    """Return an unused id that grows with time, by two a second.

    This approximates GitHub's ids: above 1,000,000,000 since 2024.
    """
    seconds = int((created_at - GITHUB_OPENED).total_seconds())
    return state.unused_id(state.repositories, seconds * 2)


def unused_name(state: State, rng: Rng) -> str:
    """Return a repository name that is free in every account.

    So every repository can be transferred.
    """
    first = rng.choice(catalogue.FIRST_WORDS)
    second = rng.choice(catalogue.SECOND_WORDS)
    name = first + rng.choice(('-', '-', '-', '_', '.')) + second
    if rng.chance(0.1):
        name = name.title()
    wanted = name
    while not all(state.is_free(owner, name) for owner in state.accounts):
        name = f'{wanted}-{rng.integer(2, 99_999)}'
    return name


def draw_language(rng: Rng) -> str:
    """Return a random language, by its weight in the catalogue."""
    limit = rng.integer(0, LANGUAGE_LIMITS[-1] - 1)
    return LANGUAGE_NAMES[bisect.bisect_right(LANGUAGE_LIMITS, limit)]


def draw_license(rng: Rng) -> str | None:
    """Return a random licence as SPDX id, None for no licence."""
    limit = rng.integer(0, LICENSE_LIMITS[-1] - 1)
    return LICENSE_IDS[bisect.bisect_right(LICENSE_LIMITS, limit)]


def grow_languages(languages: dict[str, int], rng: Rng) -> dict[str, int]:
    """Return the languages after a push: slightly larger, rarely a new one."""
    grown = {
        name: max(1, int(size * (0.995 + 0.02 * rng.random())) + 1)
        for name, size in languages.items()
    }
    if rng.chance(0.04):
        grown.setdefault(draw_language(rng), rng.integer(200, 20_000))
    return grown


def _description(rng: Rng) -> str | None:
    if rng.chance(0.2):
        return None
    return rng.choice(catalogue.DESCRIPTIONS).format(
        rng.choice(catalogue.FIRST_WORDS), rng.choice(catalogue.SECOND_WORDS)
    )


def _add_code(repository: Repository, rng: Rng) -> None:
    if rng.chance(0.06):
        # No code: documents, or for three in ten no push at all.
        if rng.chance(0.3):
            repository.pushed_at = None
        return
    count = 1
    while count < MAX_LANGUAGES and rng.chance(0.68):
        count += 1
    left = min(MAX_BYTES, int(60_000 * rng.pareto()))
    sizes = {}
    for language in {draw_language(rng): None for _ in range(count)}:
        size = max(1, int(left * (0.4 + 0.55 * rng.random())))
        sizes[language] = size
        left = max(1, left - size)
    repository.languages = sizes
    # As on GitHub, some forks have languages but no primary one.
    if not (repository.is_fork and rng.chance(0.05)):
        repository.language = max(sizes, key=lambda name: sizes[name])


def _add_history(
    repository: Repository, before: datetime.datetime, rng: Rng
) -> None:
    age = int((before - repository.created_at).total_seconds())
    repository.updated_at = before - datetime.timedelta(
        seconds=int(age * rng.random() * rng.random()) or 1
    )
    if repository.pushed_at is not None:
        repository.pushed_at = before - datetime.timedelta(
            seconds=int(age * rng.random()) or 1
        )
    scale = 0.1 if repository.is_fork else 2.0
    popularity = scale * (rng.pareto() - 1)
    repository.stars = min(MAX_STARS, int(popularity))
    repository.forks = int(repository.stars * (0.05 + 0.4 * rng.random()))
    repository.open_issues = int(repository.stars * 0.1 * rng.random())
    repository.open_pull_requests = int(repository.stars * 0.03 * rng.random())
    repository.is_archived = rng.chance(0.08)
    if rng.chance(0.5):
        count = rng.integer(1, 4)
        topics = {rng.choice(catalogue.FIRST_WORDS) for _ in range(count)}
        repository.topics = tuple(sorted(topics))


def _add_collaborations(state: State) -> None:
    """Make every user a collaborator on one public repository of another."""
    for account in state.accounts.values():
        if account.account_type != 'User':
            continue
        others = [
            repository.id
            for repository in state.repositories.values()
            if repository.owner_id != account.id and repository.is_public
        ]
        if others:
            rng = Rng(state.seed, account.login.lower(), 'collaborates')
            account.collaborates_on.add(rng.choice(others))
