"""One market's calendar: its days, whether it trades at an instant, and when that changes.

Days outside the table are not guessed: OutOfRange says so. Stretches that touch are one,
so that forex opens once a week.

Source     semantics.md section 1; reliability.md F31, F32.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from stopline.config.settings import HoursOverride
from stopline.model.market_hours import LocalSpan, MarketDay, MarketSpan, kind_of, parse_hours
from stopline.model.numbers import SECOND, Nanos
from stopline.runtime.calendars.table import Table
from stopline.runtime.zones import load_zone

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_LOOK = 15
"""Days to look ahead: no market here is shut for longer."""


class OutOfRange(LookupError):
    """A day that the shipped calendar does not reach."""


class MarketCalendar:
    """A table, with this installation's own days over it."""

    def __init__(self, table: Table, overrides: Mapping[str, HoursOverride] | None = None) -> None:
        self.table = table
        self.zone = load_zone(table.zone)
        self._overrides = overrides or {}
        self._days: dict[date, MarketDay] = {}
        self.first, self.last = date.fromisoformat(table.first), date.fromisoformat(table.last)

    @cached_property
    def _weeks(self) -> list[tuple[date, list[tuple[LocalSpan, ...]]]]:
        weeks = sorted(self.table.weeks.items(), reverse=True)
        return [(date.fromisoformat(since), [parse_hours(text) for text in week]) for since, week in weeks]

    def day(self, day: date) -> MarketDay:
        """Return one day. Raises OutOfRange."""
        if (known := self._days.get(day)) is None:
            known = self._days[day] = self._make(day)
        return known

    def _make(self, day: date) -> MarketDay:
        text = day.isoformat()
        override = self._overrides.get(text)
        if override is None and not self.first <= day <= self.last:
            raise OutOfRange(
                f"{text} is not in the calendar of {self.table.market} ({self.table.first} to {self.table.last})"
            )
        usual = next((week[day.weekday()] for since, week in self._weeks if since <= day), ())
        if override is not None:
            spans, note = override.spans, override.note
        elif text in self.table.days:
            hours, note = self.table.days[text]
            spans = parse_hours(hours)
        else:
            spans, note = usual, ""
        kind = kind_of(spans, usual)
        placed = tuple(MarketSpan(self._at(day, each.opens_min), self._at(day, each.closes_min)) for each in spans)
        return MarketDay(self.table.market, text, placed, kind, note, override is not None)

    def _at(self, day: date, minutes: int) -> Nanos:
        """Return the instant of a local time; of one that comes twice, the first."""
        days, rest = divmod(minutes, 1440)
        local = datetime(day.year, day.month, day.day, rest // 60, rest % 60, tzinfo=self.zone) + days * _DAY
        return (local.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1) * 1000

    def local_date(self, at: Nanos) -> date:
        """Return the market's date at an instant."""
        return datetime.fromtimestamp(at // SECOND, self.zone).date()

    def _spans_from(self, at: Nanos) -> Iterator[MarketSpan]:
        """Yield whole stretches that end after `at`, in order. Raises OutOfRange where the table ends."""
        today = self.local_date(at)
        self.day(today)
        current: MarketSpan | None = None
        for ahead in range(-1, _LOOK + 1):
            try:
                spans = self.day(today + ahead * _DAY).spans
            except OutOfRange:
                if ahead < 0:
                    continue
                if current is not None and current.closes_at > at:
                    yield current
                raise
            for span in spans:
                if current is not None and span.opens_at <= current.closes_at:
                    current = MarketSpan(current.opens_at, span.closes_at)
                    continue
                if current is not None and current.closes_at > at:
                    yield current
                current = span
        if current is not None and current.closes_at > at:
            yield current

    def is_open(self, at: Nanos) -> bool:
        """Return whether it trades at an instant. Raises OutOfRange."""
        return any(span.opens_at <= at for span in self._head(at))

    def next_change(self, at: Nanos) -> Nanos | None:
        """Return the first instant after `at` at which it opens or closes; None where it does not within two weeks."""
        for span in self._head(at):
            if span.opens_at > at:
                return span.opens_at
            # A stretch that reaches the end of what was looked at has no end that is known.
            horizon = self._at(self.local_date(at) + _LOOK * _DAY, 0)
            return span.closes_at if span.closes_at < horizon else None
        return None

    def next_open(self, at: Nanos) -> Nanos | None:
        """Return the first opening after `at`, None where there is none within two weeks."""
        return next((span.opens_at for span in self._spans_from(at) if span.opens_at > at), None)

    def next_close(self, at: Nanos) -> Nanos | None:
        """Return the first closing after `at`, None where it never closes."""
        if self.is_open(at):
            return self.next_change(at)
        return next((span.closes_at for span in self._spans_from(at)), None)

    def _head(self, at: Nanos) -> tuple[MarketSpan, ...]:
        """Return the first stretch that ends after `at`."""
        return next(((span,) for span in self._spans_from(at)), ())
