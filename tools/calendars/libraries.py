"""Reads exchange-calendars and pandas-market-calendars, day by day."""

import importlib
import warnings
from collections import Counter
from datetime import date
from importlib.metadata import version
from typing import Any

from tools.calendars.verdicts import CLOSED, FIRST, LAST, USUAL, Verdict, Verdicts, weekdays

warnings.filterwarnings("ignore")
LIBRARIES = ("exchange-calendars", "pandas-market-calendars", "tzdata")
Hours = tuple[str, str]


def versions() -> dict[str, str]:
    """Return the libraries and their versions."""
    return {name: version(name) for name in LIBRARIES}


def read_source(source: str) -> Verdicts:
    """Return what `xc:NAME` (exchange-calendars) or `pmc:NAME` (pandas-market-calendars) says that is not usual."""
    library, _, name = source.partition(":")
    hours = _exchange_calendars(name) if library == "xc" else _market_calendars(name)
    usual = _usual_by_month(hours)
    return {day: verdict for day in weekdays() if (verdict := _verdict(day, hours, usual)) != USUAL}


def _exchange_calendars(name: str) -> dict[date, Hours]:
    module: Any = importlib.import_module("exchange_calendars")
    calendar = module.get_calendar(name, start=str(FIRST), end=str(LAST))
    return _hours(calendar.schedule, "open", "close", str(calendar.tz))


def _market_calendars(name: str) -> dict[date, Hours]:
    module: Any = importlib.import_module("pandas_market_calendars")
    calendar = module.get_calendar(name)
    frame = calendar.schedule(start_date=str(FIRST), end_date=str(LAST))
    return _hours(frame, "market_open", "market_close", str(calendar.tz))


def _hours(frame: Any, opens: str, closes: str, zone: str) -> dict[date, Hours]:
    first = frame[opens].dt.tz_convert(zone).dt.strftime("%H:%M")
    last = frame[closes].dt.tz_convert(zone).dt.strftime("%H:%M")
    return {stamp.date(): pair for stamp, *pair in zip(frame.index, first, last, strict=True)}  # type: ignore[misc]


def _usual_by_month(hours: dict[date, Hours]) -> dict[tuple[int, int], Hours]:
    """Return the most frequent hours of each month, so that a change of hours is no deviation."""
    months: dict[tuple[int, int], Counter[Hours]] = {}
    for day, pair in hours.items():
        months.setdefault((day.year, day.month), Counter())[tuple(pair)] += 1  # type: ignore[index]
    return {month: counter.most_common(1)[0][0] for month, counter in months.items()}


def _verdict(day: date, hours: dict[date, Hours], usual: dict[tuple[int, int], Hours]) -> Verdict:
    if day not in hours:
        return CLOSED
    opens, closes = usual[day.year, day.month]
    first, last = hours[day]
    return Verdict(opens="" if first == opens else first, closes="" if last == closes else last)
