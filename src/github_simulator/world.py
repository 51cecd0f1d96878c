"""Make a simulated GitHub and let its days pass."""

import datetime
from collections.abc import Sequence

from github_simulator.accounts import AccountSpec
from github_simulator.changes import Change, Changes
from github_simulator.days import live_through
from github_simulator.errors import SimulatorError
from github_simulator.generate import populate


class World(Changes):
    """A GitHub of one's own: accounts, repositories, a day.

    Everything in it follows from the accounts asked for, the seed and the
    day, on any machine.
    """

    @classmethod
    def generate(
        cls,
        specs: Sequence[AccountSpec],
        seed: int = 1,
        today: datetime.date | None = None,
    ) -> 'World':
        """Return a world of these accounts as of a UTC date.

        Without a date it is 1 January 2026. Raises SimulatorError where a
        login comes twice.
        """
        world = cls(today or datetime.date(2026, 1, 1), seed)
        populate(world, specs)
        return world

    def advance(self, days: int = 1) -> list[Change]:
        """Let days pass and return what changed, in order.

        Raises:
            SimulatorError: the number of days is negative.
        """
        if days < 0:
            raise SimulatorError(f'simulator: {days} days cannot pass')
        diary: list[Change] = []
        for _ in range(days):
            with self.lock:
                self.today += datetime.timedelta(days=1)
                self._named_changes = 0
                diary += live_through(self)
        return diary
