"""When the simulated market is open: always, or as the New York exchanges were and are.

`always` is for tests and demonstrations at any time of day: each calendar day in New York
is a trading day from midnight to midnight. `market` follows the shipped calendar, with
extended hours from 04:00 to 20:00.
"""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from msgspec import Struct

from stopline.model.numbers import SECOND, Nanos
from stopline.runtime.calendars import CalendarBook, OutOfRange
from stopline.runtime.zones import load_zone

ALWAYS, MARKET = "always", "market"
US_EQUITIES: Final = "us_equities"
EARLY, LATE, MIDNIGHT = time(4), time(20), time(0)
_DAY: Final = timedelta(days=1)
_LOOK: Final = 15


class Phase(StrEnum):
    """What the market does at an instant."""

    REGULAR = "regular"
    EXTENDED = "extended"
    CLOSED = "closed"


class TradingDay(Struct, frozen=True):
    """One trading day; orders for extended hours trade from `early_at` to `late_at`."""

    date: str
    early_at: Nanos
    opens_at: Nanos
    closes_at: Nanos
    late_at: Nanos

    @property
    def changes(self) -> tuple[Nanos, Nanos, Nanos, Nanos]:
        """The instants at which something changes."""
        return self.early_at, self.opens_at, self.closes_at, self.late_at


class Hours:
    """All trading days."""

    def __init__(self, kind: str = ALWAYS) -> None:
        self.kind = kind
        self.zone = load_zone("America/New_York")
        self._calendar = CalendarBook().calendar(US_EQUITIES) if kind == MARKET else None

    def day(self, day: date) -> TradingDay | None:
        """Return the trading day of a date; None where it is none."""
        if self._calendar is None:
            opens, closes = self._at(day, MIDNIGHT), self._at(day + _DAY, MIDNIGHT)
            return TradingDay(day.isoformat(), opens, opens, closes, closes)
        try:
            spans = self._calendar.day(day).spans
        except OutOfRange:
            return None
        if not spans:
            return None
        opens, closes = spans[0].opens_at, spans[-1].closes_at
        return TradingDay(day.isoformat(), self._at(day, EARLY), opens, closes, self._at(day, LATE))

    def _at(self, day: date, at: time) -> Nanos:
        return int(datetime.combine(day, at, self.zone).timestamp()) * SECOND

    def local(self, at: Nanos) -> datetime:
        """Return an instant in New York's time, to the second."""
        return datetime.fromtimestamp(at // SECOND, self.zone)

    def current(self, at: Nanos) -> TradingDay:
        """Return the trading day that is going on, or the next one."""
        return next(day for day in self.days_from(at) if day.late_at > at)

    def days_from(self, at: Nanos) -> list[TradingDay]:
        """Return the trading days around an instant, the one before it first."""
        today = self.local(at).date()
        found = [self.day(today + ahead * _DAY) for ahead in range(-1, _LOOK)]
        days = [day for day in found if day is not None]
        if not days:
            raise OutOfRange(f"no trading day is known around {today}")
        return days

    def phase(self, at: Nanos) -> Phase:
        """Return what the market does at an instant."""
        day = self.current(at)
        if day.opens_at <= at < day.closes_at:
            return Phase.REGULAR
        return Phase.EXTENDED if day.early_at <= at else Phase.CLOSED

    def next_change(self, at: Nanos) -> Nanos:
        """Return the first instant after `at` at which something opens or closes."""
        return min(change for day in self.days_from(at) for change in day.changes if change > at)

    def opens_at(self, at: Nanos) -> bool:
        """Return whether a regular session opens at this very instant."""
        return any(day.opens_at == at for day in self.days_from(at))

    def closes_at(self, at: Nanos) -> bool:
        """Return whether a regular session closes at this very instant."""
        return any(day.closes_at == at for day in self.days_from(at))

    def next_open(self, at: Nanos) -> Nanos:
        """Return when the next regular session opens."""
        return min(day.opens_at for day in self.days_from(at) if day.opens_at > at)

    def next_close(self, at: Nanos) -> Nanos:
        """Return when the session that is open, or the next one, closes."""
        return min(day.closes_at for day in self.days_from(at) if day.closes_at > at)
