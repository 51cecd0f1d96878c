"""Hold the accounts and repositories of a simulated GitHub, and find them."""

import dataclasses
import datetime
import threading
from typing import Any

from github_simulator.dice import digest
from github_simulator.errors import SimulatorError
from github_simulator.model import Account, Repository, timestamp

# GraphQL gives ids as Int, which ends here.
LARGEST_ID = 2**31 - 1


class State:
    """Keep accounts and repositories under their ids and names.

    Logins and names are found whatever the case of their letters. `today`
    is a UTC date, and "now" is noon of it. `lock` is held by every change
    and by every request while its answer is made.
    """

    def __init__(self, today: datetime.date, seed: int = 1) -> None:
        self.today = today
        self.seed = seed
        self.lock = threading.RLock()
        self.accounts: dict[int, Account] = {}
        self.repositories: dict[int, Repository] = {}
        self.vanished: dict[int, Repository] = {}
        # What a later day may bring back: repositories by id, languages.
        self.may_return: set[int] = set()
        self.languages_due: dict[int, dict[str, int]] = {}
        self.recorded_node_ids: dict[str, int] = {}
        self._account_ids: dict[str, int] = {}
        self._repository_ids: dict[tuple[int, str], int] = {}
        self._redirects: dict[tuple[str, str], int] = {}

    @property
    def now(self) -> datetime.datetime:
        """Return the simulated present, noon of today in UTC."""
        return midnight(self.today) + datetime.timedelta(hours=12)

    def account_by_login(self, login: str) -> Account | None:
        """Return the account that has this login now."""
        return self.accounts.get(self._account_ids.get(login.lower(), 0))

    def repository_by_name(self, owner: str, name: str) -> Repository | None:
        """Return the repository that has this full name now."""
        account = self.account_by_login(owner)
        if account is None:
            return None
        key = (account.id, name.lower())
        return self.repositories.get(self._repository_ids.get(key, 0))

    def repository_by_old_name(
        self, owner: str, name: str
    ) -> Repository | None:
        """Return the repository that last had this full name and moved."""
        key = (owner.lower(), name.lower())
        return self.repositories.get(self._redirects.get(key, 0))

    def full_name(self, repository: Repository) -> str:
        """Return `login/name` as GitHub spells it."""
        return f'{self.accounts[repository.owner_id].login}/{repository.name}'

    def owned_by(self, account_id: int) -> list[Repository]:
        """Return the account's own repositories, whatever their visibility."""
        return [
            repository
            for repository in self.repositories.values()
            if repository.owner_id == account_id
        ]

    def is_free(self, owner_id: int, name: str) -> bool:
        """Say whether the owner has no repository of this name."""
        return (owner_id, name.lower()) not in self._repository_ids

    def add_account(
        self,
        login: str,
        account_type: str,
        created_at: datetime.datetime,
        number: int | None = None,
    ) -> Account:
        """Add an account; without a number its id follows from the login.

        Raises:
            SimulatorError: the login is taken.
        """
        self._require_free_login(login)
        if number is None:
            number = self.unused_id(self.accounts, digest(login.lower()) >> 36)
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

    def unused_id(self, used: dict[int, Any], wanted: int) -> int:
        """Return the wanted id, or the next that nothing ever had."""
        number = wanted % LARGEST_ID or 1
        while number in used or number in self.vanished:
            number = number % LARGEST_ID + 1
        return number

    def truth(self) -> dict[str, Any]:
        """Return everything that exists now, ready for JSON."""
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
            raise SimulatorError(f'simulator: {login}/{name} exists already')


def midnight(day: datetime.date) -> datetime.datetime:
    """Return the first moment of a UTC day."""
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
