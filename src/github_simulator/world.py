"""A simulated GitHub: generate it and advance it by days."""

import datetime
from collections.abc import Sequence

from github_simulator.accounts import AccountSpec
from github_simulator.change_log import Change
from github_simulator.changes import Changes
from github_simulator.days import simulate_day
from github_simulator.errors import SimulatorError
from github_simulator.generate import populate


class World(Changes):
    """The accounts and repositories of a simulated GitHub on one day.

    The same accounts, seed and days give the same world on every machine.
    """

    @classmethod
    def generate(
        cls,
        specs: Sequence[AccountSpec],
        seed: int = 1,
        today: datetime.date | None = None,
    ) -> 'World':
        """Generate a world with these accounts as of a UTC date.

        The default date is 1 January 2026.

        Raises:
            SimulatorError: two accounts have the same login.
        """
        world = cls(today or datetime.date(2026, 1, 1), seed)
        populate(world, specs)
        return world

    def advance(self, days: int = 1) -> list[Change]:
        """Advance by a number of days; return the changes in order.

        Raises:
            SimulatorError: the number of days is negative.
        """
        if days < 0:
            raise SimulatorError(f'simulator: cannot advance by {days} days')
        change_log: list[Change] = []
        for _ in range(days):
            with self.lock:
                self.today += datetime.timedelta(days=1)
                self._explicit_changes = 0
                change_log += simulate_day(self)
        return change_log
