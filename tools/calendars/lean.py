"""Reads LEAN's market-hours file, where somebody has one: a third opinion, never shipped.

LEAN keeps full closings from the current year on only, and leaves many days out: a day
of which it says nothing is no vote.
"""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from tools.calendars.verdicts import CLOSED, FIRST, LAST, Verdict, Verdicts

_HOURS = "%H:%M:%S"


def read_lean(path: Path, section_name: str, zone: str) -> Verdicts:
    """Return what LEAN says of a market, in the market's zone (it keeps Chicago's markets in New York time too)."""
    section: dict[str, Any] = json.loads(path.read_text("utf-8"))[section_name]
    shift = -1 if zone == "America/Chicago" and section["exchangeTimeZone"] == "America/New_York" else 0
    late = {_day(text) for text in section.get("lateOpens", {})}
    early = {_day(text): _shifted(at, shift) for text, at in section.get("earlyCloses", {}).items()}
    verdicts: Verdicts = {day: Verdict(closes=at) for day, at in early.items()}
    verdicts |= dict.fromkeys((_day(text) for text in section["holidays"]), CLOSED)
    # A late open without an early close opens in the evening, for the day after.
    verdicts |= dict.fromkeys(late - early.keys(), CLOSED)
    return {day: verdict for day, verdict in verdicts.items() if FIRST <= day <= LAST and day.weekday() < 5}


def _day(text: str) -> date:
    month, day, year = (int(part) for part in text.split("/"))
    return date(year, month, day)


def _shifted(at: str, hours: int) -> str:
    return (datetime.strptime(at, _HOURS) + timedelta(hours=hours)).strftime("%H:%M")  # noqa: DTZ007 - a time of day
