"""The market's clock and its calendar, in New York's time."""

from typing import Final

from msgspec import Struct

from stopline.dialects.alpaca.codecs import FLAG, INSTANT, TEXT
from stopline.dialects.alpaca.records import Record
from stopline.model.numbers import Nanos


class Clock(Struct, frozen=True, kw_only=True):
    """What time it is at the market. Instants are written in UTC; Alpaca's have New York's offset."""

    timestamp: Nanos
    is_open: bool
    next_open: Nanos
    next_close: Nanos


CLOCK: Final = Record(Clock, {"timestamp": INSTANT, "is_open": FLAG, "next_open": INSTANT, "next_close": INSTANT})


class CalendarDay(Struct, frozen=True, kw_only=True):
    """One trading day: `2026-01-06`, opens `09:30`, closes `16:00`, all in New York's time."""

    date: str
    open: str
    close: str
    session_open: str | None = None
    session_close: str | None = None
    settlement_date: str | None = None


CALENDAR_DAY: Final = Record(
    CalendarDay,
    dict.fromkeys(("date", "open", "close", "session_open", "session_close", "settlement_date"), TEXT),
)
