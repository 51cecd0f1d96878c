"""One simulated day and the log of its changes."""

import datetime
from typing import NamedTuple

from github_simulator.changes import EXPLICIT_CHANGES_FROM, Changes
from github_simulator.rng import Rng
from github_simulator.state import midnight


class Change(NamedTuple):
    """What happened to one repository on one UTC day."""

    day: datetime.date
    kind: str
    repository_id: int


class Day:
    """One day of a world, with its random numbers and its change log."""

    def __init__(self, world: Changes) -> None:
        self.world = world
        self.number = world.today.toordinal()
        self.rng = Rng(world.seed, self.number, 'day')
        self.change_log: list[Change] = []

    def random_time(self) -> datetime.datetime:
        """Return a UTC time of this day, earlier than explicit changes."""
        last = int(EXPLICIT_CHANGES_FROM.total_seconds()) - 1
        return midnight(self.world.today) + datetime.timedelta(
            seconds=self.rng.integer(0, last)
        )

    def log(self, kind: str, repository_id: int) -> None:
        """Log a change."""
        self.change_log.append(Change(self.world.today, kind, repository_id))
