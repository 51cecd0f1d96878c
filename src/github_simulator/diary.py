"""Keep what one day of a simulated world is made of."""

import datetime

from github_simulator.changes import NAMED_FROM, Change, Changes
from github_simulator.dice import Dice
from github_simulator.generate import draw_language
from github_simulator.state import midnight


class Day:
    """One day of one world, with its dice and a diary of changes."""

    def __init__(self, world: Changes) -> None:
        self.world = world
        self.number = world.today.toordinal()
        self.dice = Dice(world.seed, self.number, 'day')
        self.diary: list[Change] = []

    def moment(self) -> datetime.datetime:
        """Return a time of this day before the named changes start."""
        last = int(NAMED_FROM.total_seconds()) - 1
        return midnight(self.world.today) + datetime.timedelta(
            seconds=self.dice.whole(0, last)
        )

    def note(self, kind: str, repository_id: int) -> None:
        """Write a change into the diary."""
        self.diary.append(Change(self.world.today, kind, repository_id))


def developed(languages: dict[str, int], dice: Dice) -> dict[str, int]:
    """Return the languages after a push: slow growth, seldom a new one."""
    grown = {
        name: max(1, int(size * (0.995 + 0.02 * dice.draw())) + 1)
        for name, size in languages.items()
    }
    if dice.chance(0.04):
        grown.setdefault(draw_language(dice), dice.whole(200, 20_000))
    return grown
