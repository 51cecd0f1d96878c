"""Accounts are parsed, worlds generated and advanced by days."""

import datetime
import hashlib
import json
import time
from collections import Counter

import pytest

from github_simulator import AccountSpec, World, parse_accounts
from github_simulator.days import DAILY_CHANCES
from github_simulator.errors import SimulatorError
from github_simulator.model import Repository
from github_simulator.rare_events import RARE_DAILY_RATES

from .conftest import TODAY

NEXT_DAY = TODAY + datetime.timedelta(days=1)


def first_public(world: World, login: str = 'google') -> Repository:
    account = world.account_by_login(login)
    assert account is not None
    return next(
        repository
        for repository in world.owned_by(account.id)
        if repository.is_public and repository.languages
    )


def fingerprint(world: World) -> str:
    text = json.dumps(world.truth(), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def test_accounts_are_organisations_unless_users() -> None:
    assert parse_accounts('google:2800,torvalds:11:user') == [
        AccountSpec('google', 2800, 'Organization'),
        AccountSpec('torvalds', 11, 'User'),
    ]


@pytest.mark.parametrize(
    ('text', 'named'),
    [
        ('', "''"),
        ('google', "'google'"),
        (
            'google:many',
            "'many' is not a number of repositories for google: write a whole "
            'number from 0 to 999999',
        ),
        ('google:-1', "'-1'"),
        ('google:١', "'١'"),
        ('-google:1', "'-google'"),
        (
            'google:1:robot',
            "'robot' is not a type of account for google: write 'user' or "
            "'organization'",
        ),
        ('google:1:', "''"),
        ('google:1,Google:2', 'Google is listed twice'),
    ],
)
def test_invalid_accounts_are_reported(text: str, named: str) -> None:
    with pytest.raises(SimulatorError, match='accounts: ') as refusal:
        parse_accounts(text)
    assert named in str(refusal.value)


def test_a_seed_gives_the_same_world_everywhere() -> None:
    specs = parse_accounts('google:40,torvalds:5:user')
    world = World.generate(specs, seed=7, today=TODAY)
    world.advance(days=5)
    # Computed once; other Python versions and machines must agree.
    assert fingerprint(world)[:16] == 'f4bdcebc26972414'
    other = World.generate(specs, seed=8, today=TODAY)
    assert set(other.repositories).isdisjoint(world.repositories)


def test_requested_counts_are_public_repositories(world: World) -> None:
    counts = Counter(
        (world.accounts[item.owner_id].login, item.is_public)
        for item in world.repositories.values()
    )
    assert counts['google', True] == 250
    assert 1 <= counts['google', False] <= 10
    assert counts['torvalds', True] == 11


def test_twenty_thousand_repositories_take_about_a_second() -> None:
    started = time.process_time()
    world = World.generate(parse_accounts('google:20000'), today=TODAY)
    assert time.process_time() - started < 5
    repositories = list(world.repositories.values())
    assert max(world.repositories) < 2**31
    assert sum(number > 1_000_000_000 for number in world.repositories) > 500
    assert any(
        size > 2**31
        for item in repositories
        for size in item.languages.values()
    )
    stars = sorted(item.stars for item in repositories)
    assert stars[len(stars) // 2] < 10 < 50_000 < stars[-1]
    assert {len(item.languages) for item in repositories} >= set(range(9))
    assert any("Cap'n Proto" in item.languages for item in repositories)
    nulls = Counter(
        name
        for item in repositories
        for name in ('language', 'license_spdx', 'pushed_at', 'description')
        if getattr(item, name) is None
    )
    assert set(nulls) == {
        'language',
        'license_spdx',
        'pushed_at',
        'description',
    }
    assert any(item.license_spdx == 'NOASSERTION' for item in repositories)
    assert {item.visibility for item in repositories} == {
        'public',
        'private',
        'internal',
    }


def test_ten_days_have_nearly_every_kind_of_change() -> None:
    world = World.generate(
        parse_accounts('google:290,torvalds:10:user'), today=TODAY
    )
    kinds = Counter(change.kind for change in world.advance(days=10))
    assert world.today == TODAY + datetime.timedelta(days=10)
    possible = {
        *DAILY_CHANCES,
        *RARE_DAILY_RATES,
        'starred',
        'languages came back',
    } - {'left'}
    assert len(possible - set(kinds)) <= 2, possible - set(kinds)
    assert kinds['vanished'] + kinds['turned private'] > 0


def test_at_most_two_repositories_leave_an_account_on_one_day() -> None:
    world = World.generate(parse_accounts('google:3000'), today=TODAY)
    for _ in range(5):
        kinds = Counter(change.kind for change in world.advance())
        assert kinds['vanished'] + kinds['turned private'] <= 2


def test_changes_have_times_within_the_new_day(world: World) -> None:
    before = {
        item.id: (item.created_at, item.updated_at, item.pushed_at)
        for item in world.repositories.values()
    }
    world.advance()
    stamps = {
        stamp
        for item in world.repositories.values()
        for stamp in (item.created_at, item.updated_at, item.pushed_at)
        if stamp is not None and stamp not in before.get(item.id, ())
    }
    start = datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc)
    assert stamps
    assert min(stamps) >= start
    assert max(stamps) <= start + datetime.timedelta(hours=11, minutes=59)
    assert {stamp.microsecond for stamp in stamps} == {0}


def test_some_repositories_trend_within_a_month() -> None:
    world = World.generate(parse_accounts('google:300'), today=TODAY)
    before = {item.id: item.stars for item in world.repositories.values()}
    world.advance(days=30)
    gains = sorted(
        item.stars - before.get(item.id, item.stars)
        for item in world.repositories.values()
    )
    assert gains[-1] > 200
    assert gains[len(gains) // 2] < 5


def test_days_cannot_be_negative(world: World) -> None:
    with pytest.raises(SimulatorError, match='cannot advance by -1 days'):
        world.advance(days=-1)


def test_a_push_changes_only_pushed_at_and_languages(world: World) -> None:
    repository = first_public(world)
    before = repository.updated_at
    world.push(repository.id, {'Go': 7, 'C': 9})
    assert repository.pushed_at is not None
    assert repository.pushed_at.date() == TODAY
    assert repository.updated_at == before
    assert (repository.languages, repository.language) == (
        {'Go': 7, 'C': 9},
        'C',
    )
    first = repository.pushed_at
    world.push(repository.id)
    assert repository.pushed_at > first
    assert repository.languages == {'Go': 7, 'C': 1009}


def test_stars_change_only_updated_at(world: World) -> None:
    repository = first_public(world)
    before = (repository.stars, repository.pushed_at)
    world.star(repository.id, 5)
    assert (repository.stars - 5, repository.pushed_at) == before
    assert repository.updated_at.date() == TODAY


def test_silent_changes_change_no_timestamp(world: World) -> None:
    repository = first_public(world)
    times = (repository.updated_at, repository.pushed_at)
    stars = repository.stars
    world.move_silently(repository.id)
    world.set_languages(repository.id, {})
    assert (repository.updated_at, repository.pushed_at) == times
    assert repository.stars == stars + 3
    # GitHub stores the primary language separately.
    assert repository.languages == {} and repository.language is not None


def test_a_deleted_repository_can_be_restored(world: World) -> None:
    repository = first_public(world)
    world.vanish(repository.id)
    assert repository.id not in world.repositories
    assert world.repository_by_name('google', repository.name) is None
    world.restore(repository.id)
    assert world.repositories[repository.id] is repository
    assert world.repository_by_name('GOOGLE', repository.name) is repository


def test_a_name_in_use_is_refused(world: World) -> None:
    repository = first_public(world)
    world.vanish(repository.id)
    world.create(repository.owner_id, repository.name)
    with pytest.raises(SimulatorError, match='already exists'):
        world.restore(repository.id)
    other = next(
        item
        for item in world.owned_by(repository.owner_id)
        if item.name != repository.name
    )
    with pytest.raises(SimulatorError, match='already exists'):
        world.rename(other.id, repository.name.upper())
    with pytest.raises(SimulatorError, match='torvalds is taken'):
        world.rename_account(repository.owner_id, 'torvalds')


def test_unknown_ids_are_refused(world: World) -> None:
    with pytest.raises(SimulatorError, match='no repository 5'):
        world.star(5)
    with pytest.raises(SimulatorError, match='no account 5'):
        world.create(5, 'new')
    with pytest.raises(
        SimulatorError, match='repository 5 cannot be restored'
    ):
        world.restore(5)
    with pytest.raises(SimulatorError, match="visibility 'secret'"):
        world.set_visibility(first_public(world).id, 'secret')


def test_a_rename_can_change_only_letter_case(world: World) -> None:
    repository = first_public(world)
    name = repository.name.swapcase()
    world.rename(repository.id, name)
    assert world.full_name(repository) == f'google/{name}'
    account = world.accounts[repository.owner_id]
    world.rename_account(account.id, 'Google')
    assert world.account_by_login('google') is account
    assert world.full_name(repository) == f'Google/{name}'


def test_removing_an_account_removes_its_repositories(world: World) -> None:
    account = world.account_by_login('torvalds')
    assert account is not None
    owned = [item.id for item in world.owned_by(account.id)]
    world.remove_account(account.id)
    assert world.account_by_login('torvalds') is None
    assert not set(owned) & set(world.repositories)
    with pytest.raises(SimulatorError, match='cannot be restored'):
        world.restore(owned[0])


def test_the_other_explicit_changes(world: World) -> None:
    repository = first_public(world)
    world.archive(repository.id)
    assert repository.is_archived
    world.set_license(repository.id, None)
    assert repository.license_spdx is None
    world.change_primary_language(repository.id, 'Rust')
    assert repository.language == 'Rust'
    torvalds = world.account_by_login('torvalds')
    assert torvalds is not None
    world.transfer(repository.id, torvalds.id)
    assert world.full_name(repository) == f'torvalds/{repository.name}'
