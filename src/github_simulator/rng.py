"""Random numbers that are the same on every Python version and machine."""

import hashlib
import math
import random
from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar('Item')


def stable_hash(*parts: object) -> int:
    """Return a 64-bit hash of the parts, the same in every process."""
    text = '\x1f'.join(str(part) for part in parts)
    return int.from_bytes(
        hashlib.blake2b(text.encode(), digest_size=8).digest(), 'big'
    )


class Rng:
    """A random number generator with a reproducible sequence.

    It uses only `Random.random`, the one method whose sequence Python
    guarantees, and arithmetic that IEEE 754 rounds exactly.
    https://docs.python.org/3/library/random.html#notes-on-reproducibility
    """

    def __init__(self, *seed: object) -> None:
        self.random = random.Random(stable_hash(*seed)).random

    def chance(self, probability: float) -> bool:
        """Return True with this probability."""
        return self.random() < probability

    def integer(self, low: int, high: int) -> int:
        """Return an integer from low to high, both included."""
        return low + int(self.random() * (high - low + 1))

    def choice(self, items: Sequence[Item]) -> Item:
        """Return one of the items."""
        return items[int(self.random() * len(items))]

    def round_randomly(self, value: float) -> int:
        """Round up or down at random; the expected result is the value."""
        return int(value + self.random())

    def pareto(self) -> float:
        """Return a number of at least 1 from a Pareto distribution.

        The exponent is 2/3, roughly how stars are distributed: most
        repositories have few, a few have very many.
        """
        rest = 1.0 - self.random()
        return 1.0 / (rest * math.sqrt(rest))
