"""A price path that wanders like a market and can be read at any instant, without the ones before it.

Value noise in octaves: each octave has a random height at every multiple of its period and
straight lines between them; an octave of twice the period is higher by the square root of
two, as a random walk is. So the path needs no memory: a market that is started again goes
on where it would have been.

Bounds     within 0.7 % of the start for the first minute, within 13 % for ever (the sums of all
           heights say so; tests walk it).
"""

from math import isqrt
from typing import Final

from stopline.model.numbers import SECOND, Nanos
from stopline.venue.prng import draw, key_of

FINEST: Final[Nanos] = SECOND // 2
"""Period of the first octave."""
OCTAVES: Final = 18
"""The last octave's period is 18 hours."""
ROUGHNESS: Final = 50_000
"""Height of the first octave: 50 parts in a million, in parts of a billion."""
BILLION: Final = 1_000_000_000
_HEIGHTS: Final = tuple(isqrt(ROUGHNESS * ROUGHNESS << octave) for octave in range(OCTAVES))
_UNIT: Final = 1 << 31


class Walk:
    """One symbol's path under one seed."""

    def __init__(self, *name: object) -> None:
        self._keys = tuple(key_of(*name, "octave", octave) for octave in range(OCTAVES))
        self._origin = self._height(0)

    def level(self, elapsed: Nanos) -> int:
        """Return the price after `elapsed` as parts of a billion of the start; a billion at 0."""
        return BILLION + self._height(elapsed) - self._origin

    def _height(self, elapsed: Nanos) -> int:
        total, period = 0, FINEST
        for key, height in zip(self._keys, _HEIGHTS, strict=True):
            cell, past = divmod(elapsed, period)
            here, there = _signed(draw(key, cell)), _signed(draw(key, cell + 1))
            total += (here * (period - past) + there * past) * height // (period * _UNIT)
            period *= 2
        return total


def _signed(number: int) -> int:
    """Return a 64-bit number as a height in [-_UNIT, _UNIT)."""
    return (number >> 32) - _UNIT
