"""The explicit changes that can be made to a simulated GitHub."""

import datetime

from github_simulator.errors import SimulatorError
from github_simulator.generate import repository_id
from github_simulator.model import Account, Repository
from github_simulator.state import State, midnight

VISIBILITIES = ('public', 'private', 'internal')
# The first explicit change of a day has this time, each next one is a second
# later. They are thus later than the changes of the simulated day.
EXPLICIT_CHANGES_FROM = datetime.timedelta(hours=11, minutes=30)
EXPLICIT_CHANGES_SECONDS = 30 * 60


class Changes(State):
    """State with one method for each kind of change.

    `at` is the aware UTC time of the change, by default shortly before noon
    of today. Every change raises SimulatorError for an id that does not
    exist and a name that is taken.
    """

    def __init__(self, today: datetime.date, seed: int = 1) -> None:
        super().__init__(today, seed)
        self._explicit_changes = 0

    def create(
        self,
        owner_id: int,
        name: str,
        visibility: str = 'public',
        at: datetime.datetime | None = None,
    ) -> Repository:
        """Create an empty repository without a push."""
        moment = at or self._next_time()
        self._account(owner_id)
        _require_visibility(visibility)
        return self.add_repository(
            Repository(
                id=repository_id(self, moment),
                owner_id=owner_id,
                name=name,
                created_at=moment,
                updated_at=moment,
                pushed_at=None,
                visibility=visibility,
            )
        )

    def star(
        self,
        repository_id: int,
        count: int = 1,
        at: datetime.datetime | None = None,
    ) -> None:
        """Add stars, or remove them if negative; `updated_at` changes."""
        repository = self._repository(repository_id)
        repository.stars = max(0, repository.stars + count)
        repository.updated_at = at or self._next_time()

    def push(
        self,
        repository_id: int,
        languages: dict[str, int] | None = None,
        at: datetime.datetime | None = None,
    ) -> None:
        """Push code: only `pushed_at` and the languages change.

        By default the primary language grows by 1,000 bytes.
        """
        repository = self._repository(repository_id)
        if languages is None:
            main = repository.language or 'Python'
            size = repository.languages.get(main, 0) + 1_000
            languages = repository.languages | {main: size}
        repository.pushed_at = at or self._next_time()
        self.set_languages(repository_id, languages)

    def set_languages(
        self, repository_id: int, languages: dict[str, int]
    ) -> None:
        """Replace the bytes by language; no timestamp changes.

        The largest becomes the primary language. Without languages the
        primary language stays as it was: GitHub stores it separately.
        """
        repository = self._repository(repository_id)
        repository.languages = dict(languages)
        self.languages_to_restore.pop(repository_id, None)
        if languages:
            repository.language = max(
                languages, key=lambda name: languages[name]
            )

    def change_primary_language(
        self,
        repository_id: int,
        language: str,
        at: datetime.datetime | None = None,
    ) -> None:
        """Push enough code in a language to make it the primary one."""
        languages = self._repository(repository_id).languages
        size = max(languages.values(), default=0) + 10_000
        self.push(repository_id, languages | {language: size}, at)

    def move_silently(self, repository_id: int) -> None:
        """Increase all counters without changing a timestamp."""
        repository = self._repository(repository_id)
        repository.stars += 3
        repository.forks += 1
        repository.open_issues += 2
        repository.open_pull_requests += 1

    def set_license(
        self,
        repository_id: int,
        license_spdx: str | None,
        at: datetime.datetime | None = None,
    ) -> None:
        """Change the licence with a push; `updated_at` changes too."""
        repository = self._repository(repository_id)
        repository.license_spdx = license_spdx
        repository.updated_at = repository.pushed_at = at or self._next_time()

    def archive(
        self, repository_id: int, at: datetime.datetime | None = None
    ) -> None:
        """Make a repository read-only."""
        repository = self._repository(repository_id)
        repository.is_archived = True
        repository.updated_at = at or self._next_time()

    def set_visibility(
        self,
        repository_id: int,
        visibility: str,
        at: datetime.datetime | None = None,
    ) -> None:
        """Make a repository public, private or internal."""
        _require_visibility(visibility)
        repository = self._repository(repository_id)
        repository.visibility = visibility
        repository.updated_at = at or self._next_time()

    def rename(
        self,
        repository_id: int,
        name: str,
        at: datetime.datetime | None = None,
    ) -> None:
        """Rename; the old name redirects until it is used again."""
        repository = self._repository(repository_id)
        self.move_repository(repository, repository.owner_id, name)
        repository.updated_at = at or self._next_time()

    def transfer(
        self,
        repository_id: int,
        owner_id: int,
        at: datetime.datetime | None = None,
    ) -> None:
        """Transfer to another account; the old full name redirects."""
        repository = self._repository(repository_id)
        new_owner = self._account(owner_id)
        self.move_repository(repository, new_owner.id, repository.name)
        repository.updated_at = at or self._next_time()

    def vanish(self, repository_id: int) -> None:
        """Delete a repository; `restore` can bring it back."""
        repository = self._repository(repository_id)
        with self.lock:
            self.free_name(repository)
            del self.repositories[repository_id]
            self.vanished[repository_id] = repository

    def restore(self, repository_id: int) -> None:
        """Restore a deleted repository with its id and values."""
        repository = self.vanished.get(repository_id)
        if repository is None or repository.owner_id not in self.accounts:
            raise SimulatorError(
                f'simulator: repository {repository_id} cannot be restored'
            )
        self.add_repository(repository)
        del self.vanished[repository_id]

    def rename_account(self, account_id: int, login: str) -> None:
        """Rename; repositories redirect, the old login becomes free."""
        account = self._account(account_id)
        if login.lower() != account.login.lower():
            self._require_free_login(login)
        old_login = account.login.lower()
        with self.lock:
            del self._account_ids[old_login]
            account.login = login
            self._account_ids[login.lower()] = account_id
            for repository in self.owned_by(account_id):
                name = repository.name.lower()
                self._redirects[old_login, name] = repository.id
                self._redirects.pop((login.lower(), name), None)

    def remove_account(self, account_id: int) -> None:
        """Delete an account and all of its repositories."""
        account = self._account(account_id)
        with self.lock:
            for repository in self.owned_by(account_id):
                self.vanish(repository.id)
            del self._account_ids[account.login.lower()]
            del self.accounts[account_id]

    def _repository(self, repository_id: int) -> Repository:
        repository = self.repositories.get(repository_id)
        if repository is None:
            raise SimulatorError(f'simulator: no repository {repository_id}')
        return repository

    def _account(self, account_id: int) -> Account:
        account = self.accounts.get(account_id)
        if account is None:
            raise SimulatorError(f'simulator: no account {account_id}')
        return account

    def _next_time(self) -> datetime.datetime:
        self._explicit_changes += 1
        seconds = min(self._explicit_changes, EXPLICIT_CHANGES_SECONDS - 1)
        return (
            midnight(self.today)
            + EXPLICIT_CHANGES_FROM
            + datetime.timedelta(seconds=seconds)
        )


def _require_visibility(visibility: str) -> None:
    if visibility not in VISIBILITIES:
        raise SimulatorError(
            f"simulator: visibility '{visibility}' must be one of "
            + ', '.join(VISIBILITIES)
        )
