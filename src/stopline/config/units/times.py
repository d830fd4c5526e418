"""Durations 5 s, windows 10 / 1 s, and the times of a market."""

import re
from importlib import resources
from typing import Final

from stopline.config.units.text import Unfit, items_of, matching, text_of
from stopline.model.limits import RateWindow
from stopline.model.market_hours import HoursRefused, LocalSpan, parse_hours
from stopline.model.numbers import MAX_SCALED, SECOND, Nanos, NumberRefused, parse_scaled

DURATION_UNITS: Final = {
    "ns": 1,
    "us": 1_000,
    "ms": 1_000_000,
    "s": SECOND,
    "min": 60 * SECOND,
    "h": 3_600 * SECOND,
    "d": 86_400 * SECOND,
}
DURATION: Final = re.compile(r"([0-9.]+)\s*([a-z]+)", re.ASCII)
_WINDOW: Final = re.compile(r"([0-9]+)\s*/\s*(?:([0-9.]+)\s*)?([a-z]+)", re.ASCII)
DURATION_FIX: Final = "write a number and a unit: 250 ms, 5 s, 15 min, 1 h, 1 d"
WINDOW_FIX: Final = "write how many in which time: 10 / 1 s, or a list of such: [10 / 1 s, 100 / 1 min]"


def read_duration(value: object) -> Nanos:
    """Read a duration with its unit: `250 ms`, `5 s`, `15 min`, `1 h`, `1 d`."""
    text = text_of(value, DURATION_FIX)
    match = DURATION.fullmatch(text)
    number, unit = match.groups() if match else (text, "")
    return _nanos(text, number, unit, DURATION_FIX)


def _nanos(text: str, number: str, unit: str, fix: str) -> Nanos:
    if unit not in DURATION_UNITS:
        raise Unfit(f"{text!r} is no duration" if not unit else f"{unit!r} is no unit of time", fix)
    try:
        scaled = parse_scaled(number, 9) * DURATION_UNITS[unit]
    except NumberRefused as refused:
        raise Unfit(str(refused), fix) from None
    nanos, rest = divmod(scaled, SECOND)
    if rest or not 0 < nanos <= MAX_SCALED:
        raise Unfit(f"{text!r} is too short, too fine or too long", fix)
    return nanos


def read_window(value: object) -> RateWindow:
    """Read a rate window: `10 / 1 s`."""
    text = text_of(value, WINDOW_FIX)
    match = _WINDOW.fullmatch(text)
    if match is None:
        raise Unfit(f"{text!r} is no rate", WINDOW_FIX)
    count, length, unit = match.groups()
    if int(count) < 1 or len(count) > 9:
        raise Unfit(f"{text!r} allows none, or too many to count", WINDOW_FIX)
    return RateWindow(int(count), _nanos(text, length or "1", unit, WINDOW_FIX))


def read_windows(value: object) -> tuple[RateWindow, ...]:
    """Read one rate window, or a list of them, or `none`."""
    return tuple(read_window(each) for each in items_of(value, WINDOW_FIX))


def read_zone(value: object) -> str:
    """Read an IANA time zone."""
    fix = "write an IANA zone such as America/New_York"
    text = text_of(value, fix)
    if text not in resources.files("tzdata").joinpath("zones").read_text("ascii").split():
        raise Unfit(f"{text!r} is no time zone", fix)
    return text


def read_hours(value: object) -> tuple[LocalSpan, ...]:
    """Read a market's hours on one day: `-17:00 12:15`, `closed`."""
    fix = "write local openings and closings such as `09:30 13:00` or `-17:00 15:15, 15:30 16:00` (`-` is the evening"
    fix += " before), or `closed`"
    text = text_of(value, fix)
    try:
        return parse_hours(text)
    except HoursRefused as refused:
        raise Unfit(str(refused), fix) from None


def read_time_of_day(value: object) -> str:
    """Read a time of day to the minute: `17:00`."""
    return matching(r"([01][0-9]|2[0-3]):[0-5][0-9]", "write hours and minutes such as 17:00")(value)
