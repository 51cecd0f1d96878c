"""The accounts and repositories of a simulated GitHub, by id and name."""

import dataclasses
import datetime
import threading
from typing import Any

from github_simulator.errors import SimulatorError
from github_simulator.model import Account, Repository, timestamp
from github_simulator.rng import stable_hash

# The largest value of a GraphQL Int, the type of ids.
LARGEST_ID = 2**31 - 1


class State:
    """Store accounts and repositories by id and by name.

    Logins and names are not case-sensitive. `today` is a UTC date; the
    simulated time is noon of that day. Every change holds `lock`, and so
    does every request while its response is built.
    """

    def __init__(self, today: datetime.date, seed: int = 1) -> None:
        self.today = today
        self.seed = seed
        self.lock = threading.RLock()
        self.accounts: dict[int, Account] = {}
        self.repositories: dict[int, Repository] = {}
        self.vanished: dict[int, Repository] = {}
        # What a later day may restore: repository ids; languages by id.
        self.may_be_restored: set[int] = set()
        self.languages_to_restore: dict[int, dict[str, int]] = {}
        self.recorded_node_ids: dict[str, int] = {}
        self._account_ids: dict[str, int] = {}
        self._repository_ids: dict[tuple[int, str], int] = {}
        self._redirects: dict[tuple[str, str], int] = {}

    @property
    def now(self) -> datetime.datetime:
        """Return the simulated time, noon of today in UTC."""
        return midnight(self.today) + datetime.timedelta(hours=12)

    def account_by_login(self, login: str) -> Account | None:
        """Return the account that currently has this login."""
        return self.accounts.get(self._account_ids.get(login.lower(), 0))

    def repository_by_name(self, owner: str, name: str) -> Repository | None:
        """Return the repository that currently has this full name."""
        account = self.account_by_login(owner)
        if account is None:
            return None
        key = (account.id, name.lower())
        return self.repositories.get(self._repository_ids.get(key, 0))

    def repository_by_old_name(
        self, owner: str, name: str
    ) -> Repository | None:
        """Return the repository that a former full name redirects to."""
        key = (owner.lower(), name.lower())
        return self.repositories.get(self._redirects.get(key, 0))

    def full_name(self, repository: Repository) -> str:
        """Return `login/name` as GitHub spells it."""
        return f'{self.accounts[repository.owner_id].login}/{repository.name}'

    def owned_by(self, account_id: int) -> list[Repository]:
        """Return all repositories that the account owns."""
        return [
            repository
            for repository in self.repositories.values()
            if repository.owner_id == account_id
        ]

    def is_free(self, owner_id: int, name: str) -> bool:
        """Return whether the owner has no repository of this name."""
        return (owner_id, name.lower()) not in self._repository_ids

    def add_account(
        self,
        login: str,
        account_type: str,
        created_at: datetime.datetime,
        number: int | None = None,
    ) -> Account:
        """Add an account; by default its id is a hash of the login.

        Raises:
            SimulatorError: the login is taken.
        """
        self._require_free_login(login)
        if number is None:
            number = self.unused_id(
                self.accounts, stable_hash(login.lower()) >> 36
            )
        account = Account(number, login, account_type, created_at)
        with self.lock:
            self.accounts[number] = account
            self._account_ids[login.lower()] = number
        return account

    def add_repository(self, repository: Repository) -> Repository:
        """Add a repository under its id and name.

        Raises:
            SimulatorError: the owner has a repository of this name.
        """
        self._require_free_name(repository.owner_id, repository.name)
        owner = self.accounts[repository.owner_id]
        name = repository.name.lower()
        with self.lock:
            self.repositories[repository.id] = repository
            if repository.recorded_node_id is not None:
                self.recorded_node_ids[repository.recorded_node_id] = (
                    repository.id
                )
            self._repository_ids[owner.id, name] = repository.id
            self._redirects.pop((owner.login.lower(), name), None)
        return repository

    def move_repository(
        self, repository: Repository, owner_id: int, name: str
    ) -> None:
        """Change owner and name; the old full name redirects.

        Raises:
            SimulatorError: the owner has another repository of this name.
        """
        is_same = (
            owner_id == repository.owner_id
            and name.lower() == repository.name.lower()
        )
        if not is_same:
            self._require_free_name(owner_id, name)
        owner = self.accounts[repository.owner_id]
        old_key = (owner.login.lower(), repository.name.lower())
        with self.lock:
            self.free_name(repository)
            repository.owner_id = owner_id
            repository.name = name
            self.add_repository(repository)
            if not is_same:
                self._redirects[old_key] = repository.id

    def free_name(self, repository: Repository) -> None:
        """Make the name of a repository available to others."""
        del self._repository_ids[repository.owner_id, repository.name.lower()]

    def unused_id(self, used: dict[int, Any], wanted: int) -> int:
        """Return the wanted id, or the next one that was never used."""
        number = wanted % LARGEST_ID or 1
        while number in used or number in self.vanished:
            number = number % LARGEST_ID + 1
        return number

    def truth(self) -> dict[str, Any]:
        """Return everything that exists, ready for JSON."""
        with self.lock:
            return {
                'today': self.today.isoformat(),
                'accounts': [
                    _plain(account) for account in self.accounts.values()
                ],
                'repositories': [
                    _plain(repository)
                    | {'full_name': self.full_name(repository)}
                    for repository in self.repositories.values()
                ],
            }

    def _require_free_login(self, login: str) -> None:
        if self.account_by_login(login) is not None:
            raise SimulatorError(f'simulator: the login {login} is taken')

    def _require_free_name(self, owner_id: int, name: str) -> None:
        if not self.is_free(owner_id, name):
            login = self.accounts[owner_id].login
            raise SimulatorError(f'simulator: {login}/{name} already exists')


def midnight(day: datetime.date) -> datetime.datetime:
    """Return 00:00 UTC of a day."""
    return datetime.datetime(
        day.year, day.month, day.day, tzinfo=datetime.timezone.utc
    )


def _plain(item: Account | Repository) -> dict[str, Any]:
    plain: dict[str, Any] = {'node_id': item.node_id}
    for field in dataclasses.fields(item):
        value = getattr(item, field.name)
        if isinstance(value, datetime.datetime):
            value = timestamp(value)
        elif isinstance(value, set | tuple):
            value = sorted(value)
        plain[field.name] = value
    return plain
