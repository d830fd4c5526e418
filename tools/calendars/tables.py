"""A market's days: the first source's deviations, put right by the rulings, laid over the usual hours."""

from dataclasses import dataclass
from datetime import date, timedelta

from tools.calendars.decisions import RULINGS
from tools.calendars.markets import Market
from tools.calendars.names import name_of
from tools.calendars.verdicts import CLOSED, LAST, USUAL, Verdict, Verdicts, weekdays

_FIRST_SOURCE = "first source"


@dataclass(frozen=True)
class Day:
    """What ships for one day, and on whose word."""

    verdict: Verdict
    why: str


def decide(market: Market, first_source: Verdicts) -> dict[date, Day]:
    """Return every weekday that is decided to be other than usual, or that a ruling made usual."""
    days: dict[date, Day] = {}
    for day in weekdays(market.begins, LAST):
        said = first_source.get(day, USUAL)
        ruling = next((each for each in reversed(RULINGS) if each.applies(market.name, day, said)), None)
        verdict, why = (said, _FIRST_SOURCE) if ruling is None else (ruling.says, ruling.why)
        if market.night_off_after_holiday and not verdict.closed and _follows_holiday(day, days):
            verdict = Verdict(opens=market.night_off_after_holiday, closes=verdict.closes)
            why = "no night session after a holiday in the middle of a week"
        if verdict != USUAL or ruling is not None:
            days[day] = Day(verdict, why)
    return days


def _follows_holiday(day: date, days: dict[date, Day]) -> bool:
    """Return whether the day before is a closed Tuesday, Wednesday or Thursday: on a Monday's evening it trades."""
    before = day - timedelta(days=1)
    return 1 <= before.weekday() <= 3 and before in days and days[before].verdict == CLOSED


def hours_on(market: Market, day: date, verdict: Verdict) -> str:
    """Return the day's hours as text, empty where it is closed."""
    if verdict.closed:
        return ""
    stretches = [part.split() for part in market.week_of(day)[day.weekday()].split(", ")]
    kept = []
    for begin, end in stretches:
        first, last = max(begin, verdict.opens or begin, key=_minutes), min(end, verdict.closes or end, key=_minutes)
        if _minutes(first) < _minutes(last):
            kept.append(f"{first} {last}")
    return ", ".join(kept)


def render_table(market: Market, days: dict[date, Day], version: str, made_from: dict[str, str]) -> dict[str, object]:
    """Return the shipped table of one market."""
    short = {}
    for day, decided in days.items():
        hours = hours_on(market, day, decided.verdict)
        if hours != market.week_of(day)[day.weekday()]:
            short[day.isoformat()] = [hours, name_of(day, market.name == "asx", decided.verdict.closed)]
    return {
        "market": market.name,
        "title": market.title,
        "version": version,
        "made_from": made_from,
        "zone": market.zone,
        "first": market.begins.isoformat(),
        "last": LAST.isoformat(),
        "weeks": {since.isoformat(): list(week) for since, week in market.weeks.items()},
        "days": short,
    }


def _minutes(text: str) -> int:
    hours, minutes = text.removeprefix("-").split(":")
    return int(hours) * 60 + int(minutes) - (1440 if text.startswith("-") else 0)
