"""A market's days as a table, or as JSON."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from time import time_ns
from zoneinfo import ZoneInfo

from stopline.cli.outcome import Exit, Stop
from stopline.cli.output import facts, table, write_json
from stopline.model.instants import render_instant
from stopline.model.market_hours import DayKind, MarketDay, MarketSpan
from stopline.model.numbers import SECOND, Nanos
from stopline.runtime.calendars import MarketCalendar, OutOfRange

_DAY = timedelta(days=1)
_MARKS = {
    DayKind.USUAL: "",
    DayKind.CLOSED: "closed",
    DayKind.EARLY_CLOSE: "early close",
    DayKind.LATE_OPEN: "late open",
    DayKind.SPECIAL: "special hours",
}


def show_calendar(
    name: str, calendar: MarketCalendar, on: date | None, span: str, second: ZoneInfo, *, json: bool
) -> None:
    """Show a day, week or month. What the calendar does not reach is an error, never a guess."""
    now = time_ns()
    try:
        days = [calendar.day(day) for day in _days(on or calendar.local_date(now), span)]
    except OutOfRange as error:
        raise Stop(Exit.USAGE, str(error)) from None
    if json:
        return _write(name, calendar, days, now)
    today = calendar.local_date(now).isoformat()
    rows = [_row(day, calendar.zone, second, today) for day in days]
    columns = ("day", "", f"hours ({calendar.table.zone})", f"hours ({second.key})", "")
    facts([("market", f"{calendar.table.market}: {calendar.table.title}"), *_now(calendar, now, second)])
    print()
    table(columns, rows)
    return None


def _days(on: date, span: str) -> Iterator[date]:
    first, last = on, on
    if span == "week":
        first = on - on.weekday() * _DAY
        last = first + 6 * _DAY
    elif span == "month":
        first = on.replace(day=1)
        last = (first + 31 * _DAY).replace(day=1) - _DAY
    day = first
    while day <= last:
        yield day
        day += _DAY


def _row(day: MarketDay, zone: ZoneInfo, second: ZoneInfo, today: str) -> tuple[str, ...]:
    on = date.fromisoformat(day.day)
    mark = ", ".join(part for part in (_MARKS[day.kind], day.note, "by your configuration" * day.is_override) if part)
    if day.kind is DayKind.USUAL and not day.spans:
        mark = "closed"
    here = ", ".join(_span(each, zone, on) for each in day.spans) or "-"
    there = ", ".join(_span(each, second, on) for each in day.spans) or "-"
    return f"{on:%a} {day.day}", "today" if day.day == today else "", here, there, mark


def _span(span: MarketSpan, zone: ZoneInfo, on: date) -> str:
    return f"{_time(span.opens_at, zone, on)}-{_time(span.closes_at, zone, on)}"


def _time(at: Nanos, zone: ZoneInfo, on: date) -> str:
    local = datetime.fromtimestamp(at // SECOND, zone)
    apart = (local.date() - on).days
    return f"{local:%H:%M}" + (f"({apart:+d})" if apart else "")


def _now(calendar: MarketCalendar, now: Nanos, second: ZoneInfo) -> list[tuple[str, str]]:
    try:
        is_open = calendar.is_open(now)
        opens, closes = calendar.next_open(now), calendar.next_close(now)
    except OutOfRange as error:
        return [("now", f"unknown: {error}")]
    return [
        ("now", "open" if is_open else "closed"),
        ("next close", _both(closes, calendar.zone, second)),
        ("next open", _both(opens, calendar.zone, second)),
    ]


def _both(at: Nanos | None, zone: ZoneInfo, second: ZoneInfo) -> str:
    if at is None:
        return "-"
    here, there = (datetime.fromtimestamp(at // SECOND, each) for each in (zone, second))
    return f"{here:%a %Y-%m-%d %H:%M %Z}  ({there:%a %H:%M %Z})"


def _write(name: str, calendar: MarketCalendar, days: list[MarketDay], now: Nanos) -> None:
    table_ = calendar.table
    try:
        is_open: bool | None = calendar.is_open(now)
        opens, closes = calendar.next_open(now), calendar.next_close(now)
    except OutOfRange:
        is_open = opens = closes = None
    write_json(
        "calendar",
        name=name,
        market=table_.market,
        title=table_.title,
        zone=table_.zone,
        calendar_version=table_.version,
        at=datetime.fromtimestamp(now // SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        is_open=is_open,
        next_open=None if opens is None else render_instant(opens),
        next_close=None if closes is None else render_instant(closes),
        days=[
            {
                "day": day.day,
                "kind": str(day.kind),
                "note": day.note,
                "is_override": day.is_override,
                "spans": [
                    {"opens_at": render_instant(each.opens_at), "closes_at": render_instant(each.closes_at)}
                    for each in day.spans
                ],
            }
            for day in days
        ],
    )
