"""The page that lists where the sources disagree, and what ships."""

from collections.abc import Iterator
from datetime import date

from tools.calendars.markets import Market
from tools.calendars.tables import Day, hours_on
from tools.calendars.verdicts import CLOSED, USUAL, Verdict, Verdicts, weekdays

Row = tuple[tuple[str, ...], str, str]
HEAD = """# Where the sources of the calendars disagree

Written by `make calendars`; do not edit. What ships is in the column *ships*, on the word of the column *because*;
*first source* is the first column. `-` is a source that says nothing of the day. Times are local to the market. The
first source is believed unless a ruling of `tools/calendars/decisions.py` says otherwise; the usual hours, by
era, are in `tools/calendars/markets.py`. [How calendars work](calendars.md).
"""


def render_differences(
    markets: dict[Market, tuple[dict[str, Verdicts], dict[date, Day]]], version: str, sources: str
) -> str:
    """Return the page."""
    parts = [HEAD, f"Version {version}, from {sources}.\n"]
    for market, (by_source, days) in markets.items():
        parts.append(f"## {market.title} (`{market.name}`)\n")
        rows = list(_rows(market, by_source, days))
        if not rows:
            parts.append("The sources agree on every day.\n")
            continue
        names = [_source_name(source) for source in by_source]
        parts.append("\n".join(_table(["days", *names, "ships", "because"], _grouped(rows))) + "\n")
    return "\n".join(parts)


def _source_name(source: str) -> str:
    library, _, name = source.partition(":")
    return {"xc": "exchange-calendars", "pmc": "pandas-market-calendars"}.get(library, library) + f" {name}"


def _rows(market: Market, by_source: dict[str, Verdicts], days: dict[date, Day]) -> Iterator[tuple[date, Row]]:
    for day in weekdays(market.begins):
        decided = days.get(day, Day(USUAL, "first source"))
        said = tuple(_said(market, day, source, verdicts) for source, verdicts in by_source.items())
        ships = str(_effective(market, day, decided.verdict))
        if set(said) - {"-", ships}:
            yield day, (said, ships, decided.why)


def _said(market: Market, day: date, source: str, verdicts: Verdicts) -> str:
    if source.startswith("LEAN") and day not in verdicts:
        return "-"
    return str(_effective(market, day, verdicts.get(day, USUAL)))


def _effective(market: Market, day: date, verdict: Verdict) -> Verdict:
    """Return a verdict without what makes no difference to our usual hours."""
    if verdict != CLOSED and hours_on(market, day, verdict) == market.week_of(day)[day.weekday()]:
        return USUAL
    return verdict


def _grouped(rows: list[tuple[date, Row]]) -> Iterator[list[str]]:
    """Yield one line for all days of which the same is said, oldest first."""
    groups: dict[Row, list[date]] = {}
    for day, row in rows:
        groups.setdefault(row, []).append(day)
    for (said, ships, why), days in groups.items():
        yield [", ".join(day.isoformat() for day in days), *said, ships, why]


def _table(head: list[str], rows: Iterator[list[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + " --- |" * len(head)
    for row in rows:
        yield "| " + " | ".join(row) + " |"
