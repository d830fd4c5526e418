"""Times of a trade history: dates, or instants exact to the nanosecond."""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from msgspec import Struct

from stopline.model.numbers import MAX_SCALED, SECOND, Nanos

FIX: Final = "write 2026-01-06, or 2026-01-06T15:30:00Z"
_TIME: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?\s*(Z|[+-][0-9]{2}:?[0-9]{2})?)?",
    re.ASCII,
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
DAY: Final[Nanos] = 86_400 * SECOND


class TimeRefused(ValueError):
    """Text that is no time."""


class When(Struct, frozen=True):
    """A time as written. `at` of a bare date is that date's midnight, UTC."""

    day: date
    at: Nanos
    has_time: bool
    has_zone: bool

    @property
    def is_midnight(self) -> bool:
        """Whether it may stand for a date: it says no time of day but 00:00 UTC."""
        return not self.has_time or self.at == midnight(self.day)


def parse_time(text: str, zone: tzinfo) -> When:
    """Return the time that a text says; one without a zone is read in `zone`. Raises TimeRefused."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise TimeRefused(f"{ascii(text)[:40]} is no time")
    written, hour, minute, second, fraction, offset = match.groups()
    try:
        day = date.fromisoformat(written)
        if hour is None:
            return When(day, _countable(midnight(day), text), False, False)
        local = datetime(day.year, day.month, day.day, int(hour), int(minute), int(second or 0), tzinfo=zone)
        if offset is not None:
            local = local.replace(tzinfo=UTC) - _offset(offset)
        at = _nanos(local.astimezone(UTC)) + int((fraction or "").ljust(9, "0"))
    except (ValueError, OverflowError) as error:
        raise TimeRefused(f"{text!r} is no time: {error}") from None
    return When(day, _countable(at, text), True, offset is not None)


def _countable(at: Nanos, text: str) -> Nanos:
    if abs(at) > MAX_SCALED:
        raise TimeRefused(f"{text!r} is beyond what can be counted, the years 1678 to 2262")
    return at


def _offset(text: str) -> timedelta:
    if text == "Z":
        return timedelta()
    size = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return size if text[0] == "+" else -size


def midnight(day: date) -> Nanos:
    """Return a date's first instant, UTC."""
    return _nanos(datetime(day.year, day.month, day.day, tzinfo=UTC))


def date_of(at: Nanos) -> date:
    """Return the UTC date of an instant."""
    return (_EPOCH + timedelta(seconds=at // SECOND)).date()


def _nanos(moment: datetime) -> Nanos:
    return (moment - _EPOCH) // timedelta(seconds=1) * SECOND
