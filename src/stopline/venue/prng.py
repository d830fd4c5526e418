"""Chance that can be repeated: the same key, the same number, on every machine and Python.

Source     splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
"""

from hashlib import sha256
from typing import Final

_MASK: Final = (1 << 64) - 1
_GAMMA: Final = 0x9E3779B97F4A7C15


def key_of(*parts: object) -> int:
    """Return a key for a name, such as a seed and a symbol."""
    text = ":".join(map(str, parts))
    return int.from_bytes(sha256(text.encode()).digest()[:8], "big")


def draw(key: int, index: int) -> int:
    """Return the `index`-th 64-bit number of a key; any of them, in any order."""
    mixed = (key + index * _GAMMA) & _MASK
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
    return mixed ^ (mixed >> 31)
