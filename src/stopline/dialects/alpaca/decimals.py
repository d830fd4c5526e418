"""Decimals on the wire to and from our scaled ints.

What a client asks for is read exactly or refused. What a broker reports is never refused
for being fine: Alpaca sends averages of thirty digits, which are rounded half-even.
"""

import re
from typing import Final

from stopline.dialects.alpaca.exact_json import Json, Malformed
from stopline.model.numbers import MAX_TEXT, NumberRefused, parse_rounded, parse_scaled

_LONG: Final = re.compile(r"(-?[0-9]+\.)([0-9]+)", re.ASCII)


def read_exact(value: Json, places: int) -> int:
    """Return a number that somebody asked for; raises Malformed when it is finer than the scale."""
    try:
        return parse_scaled(_text(value), places)
    except NumberRefused as fault:
        raise Malformed(str(fault)) from None


def read_reported(value: Json, places: int) -> int:
    """Return a number that a broker reported, rounded half-even to the scale."""
    return read_with_loss(value, places)[0]


def read_with_loss(value: Json, places: int) -> tuple[int, bool]:
    """Return a reported number, and whether it had to be rounded."""
    try:
        return parse_rounded(_shortened(_text(value), places), places)
    except NumberRefused as fault:
        raise Malformed(str(fault)) from None


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise Malformed("must be a decimal number such as 175.25")
    return value


def _shortened(text: str, places: int) -> str:
    """Return text with the digits cut off that can only say on which side of a tie the rest is."""
    found = _LONG.fullmatch(text) if len(text) <= 4 * MAX_TEXT else None
    if found is None or len(found[2]) <= places + 2:
        return text
    kept, cut = found[2][: places + 1], found[2][places + 1 :]
    return found[1] + kept + ("1" if cut.strip("0") else "0")
