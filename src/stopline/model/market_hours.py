"""When a market trades: its days, and the stretches of trading in them.

A market's day is what an exchange calls so: it has the name of the day on which it ends, and
one or more stretches in which the market trades. Named `YYYY-MM-DD`; all instants are UTC.
"""

import re
from enum import StrEnum
from itertools import pairwise
from typing import Final

from msgspec import Struct

from stopline.model.numbers import Nanos

_STRETCH: Final = re.compile(r"(-?)([01][0-9]|2[0-3]):([0-5][0-9])\s+(-?)([01][0-9]|2[0-4]):([0-5][0-9])", re.ASCII)
_DAY_MIN: Final = 24 * 60


class DayKind(StrEnum):
    """How a market's day compares with what is usual."""

    USUAL = "usual"
    CLOSED = "closed"
    EARLY_CLOSE = "early_close"
    LATE_OPEN = "late_open"
    SPECIAL = "special"


class LocalSpan(Struct, frozen=True, gc=False, order=True):
    """A stretch of trading, in minutes from the local midnight with which the day begins; the evening before is < 0."""

    opens_min: int
    closes_min: int


class MarketSpan(Struct, frozen=True, gc=False, order=True):
    """A stretch of trading. It begins with `opens_at`, and `closes_at` is the first instant after it."""

    opens_at: Nanos
    closes_at: Nanos


class MarketDay(Struct, frozen=True, gc=False):
    """One day of one market; without spans it is closed."""

    market: str
    day: str
    spans: tuple[MarketSpan, ...]
    kind: DayKind = DayKind.USUAL
    note: str = ""
    """Why it is not usual, such as `Thanksgiving`."""
    is_override: bool = False
    """Whether this installation's configuration says so, and not the shipped calendar."""


class HoursRefused(ValueError):
    """Hours that cannot be read; the message says what is wrong."""


def parse_hours(text: str) -> tuple[LocalSpan, ...]:
    """Read `-17:00 15:15, 15:30 16:00`: stretches of trading in local time, `-` for the evening before.

    `closed`, or nothing, is no trading.
    """
    if text.strip() in ("", "closed"):
        return ()
    spans = tuple(_parse_stretch(part) for part in text.split(","))
    for before, after in pairwise(spans):
        if after.opens_min < before.closes_min:
            raise HoursRefused(f"{text!r}: a stretch begins before the one in front of it ends")
    return spans


def render_hours(spans: tuple[LocalSpan, ...]) -> str:
    """Return hours as `parse_hours` reads them."""
    return ", ".join(f"{_clock(each.opens_min)} {_clock(each.closes_min)}" for each in spans) or "closed"


def _clock(minutes: int) -> str:
    hours, rest = divmod(minutes + (_DAY_MIN if minutes < 0 else 0), 60)
    return f"{'-' if minutes < 0 else ''}{hours:02}:{rest:02}"


def _parse_stretch(part: str) -> LocalSpan:
    match = _STRETCH.fullmatch(part.strip())
    if match is None:
        raise HoursRefused(f"{part.strip()!r} is no opening and closing")
    opens, closes = _minutes(*match.group(1, 2, 3)), _minutes(*match.group(4, 5, 6))
    if not opens < closes <= _DAY_MIN:
        raise HoursRefused(f"{part.strip()!r} does not close after it opens, by midnight")
    return LocalSpan(opens, closes)


def _minutes(sign: str, hours: str, minutes: str) -> int:
    return int(hours) * 60 + int(minutes) - (_DAY_MIN if sign else 0)


def kind_of(spans: tuple[LocalSpan, ...], usual: tuple[LocalSpan, ...]) -> DayKind:
    """Return how a day's hours compare with the usual ones of that weekday."""
    if spans == usual:
        return DayKind.USUAL
    if not spans:
        return DayKind.CLOSED
    if not usual:
        return DayKind.SPECIAL
    is_early = spans[-1].closes_min < usual[-1].closes_min
    is_late = spans[0].opens_min > usual[0].opens_min
    if is_early == is_late:
        return DayKind.SPECIAL
    return DayKind.EARLY_CLOSE if is_early else DayKind.LATE_OPEN
