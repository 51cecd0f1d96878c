"""Draw numbers that are the same on every Python version and machine."""

import hashlib
import math
import random
from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar('Item')


def digest(*parts: object) -> int:
    """Return a number of 64 bits that depends on the parts alone."""
    text = '\x1f'.join(str(part) for part in parts)
    return int.from_bytes(
        hashlib.blake2b(text.encode(), digest_size=8).digest(), 'big'
    )


class Dice:
    """Draw from a stream that its seed alone determines.

    Only `Random.random` is used, the one method Python promises never to
    change, and only arithmetic that IEEE 754 rounds exactly.
    https://docs.python.org/3/library/random.html#notes-on-reproducibility
    """

    def __init__(self, *seed: object) -> None:
        self.draw = random.Random(digest(*seed)).random

    def chance(self, probability: float) -> bool:
        """Say yes with this probability."""
        return self.draw() < probability

    def whole(self, low: int, high: int) -> int:
        """Return a whole number from low to high, both included."""
        return low + int(self.draw() * (high - low + 1))

    def pick(self, items: Sequence[Item]) -> Item:
        """Return one of the items."""
        return items[int(self.draw() * len(items))]

    def rounded(self, value: float) -> int:
        """Round up or down by chance, so that the mean stays the value."""
        return int(value + self.draw())

    def skewed(self) -> float:
        """Return a number from 1 upward: mostly small, now and then huge.

        A Pareto distribution with exponent 2/3, as stars are spread.
        """
        rest = 1.0 - self.draw()
        return 1.0 / (rest * math.sqrt(rest))
