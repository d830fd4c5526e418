"""Chance from one seed: the same seed, the same draws, on every machine and Python.

Every part of a world has a stream of its own name, so that what one of them draws does
not move the others.
"""

from collections.abc import Sequence
from typing import TypeVar

from stopline.model.numbers import Nanos
from stopline.venue.prng import draw, key_of

T = TypeVar("T")


class Chance:
    """One stream of draws."""

    def __init__(self, seed: int, name: str = "world") -> None:
        self._seed, self._name = seed, name
        self._key, self._drawn = key_of(seed, name), 0

    def stream(self, name: str) -> "Chance":
        """Return a stream of its own."""
        return Chance(self._seed, f"{self._name}/{name}")

    def below(self, count: int) -> int:
        """Return a whole number from 0 to count - 1."""
        self._drawn += 1
        return draw(self._key, self._drawn) % count

    def between(self, least: int, most: int) -> int:
        """Return a whole number from `least` to `most`, both possible."""
        return least + self.below(most - least + 1)

    def per_mille(self, share: int) -> bool:
        """Return whether one of so many in a thousand is drawn."""
        return share > 0 and self.below(1000) < share

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of them."""
        return choices[self.below(len(choices))]

    def weighted(self, choices: Sequence[tuple[int, T]]) -> T:
        """Return one of (weight, choice)."""
        left = self.below(sum(weight for weight, _ in choices))
        for weight, choice in choices:
            left -= weight
            if left < 0:
                return choice
        raise AssertionError("weights are whole numbers above 0")

    def long_tail(self, usual: Nanos, most: Nanos) -> Nanos:
        """Return a time that is mostly around `usual`, and now and then up to `most`."""
        span = usual
        while span < most and self.below(8) == 0:
            span *= 4
        return self.between(usual // 2, min(span, most))
