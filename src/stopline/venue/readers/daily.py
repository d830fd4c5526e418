"""Daily bars of several equities, symbol by symbol, as they were (a split is a jump).

There is no quote in them: the close is taken for bid, ask and last trade, with the day's
volume for a size, at 16:00 in New York, and it stands until the next weekday's close.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from stopline.model.instrument import Instrument
from stopline.model.numbers import Nanos
from stopline.model.quote import Quote
from stopline.venue.equities import equity
from stopline.venue.readers.form import Form, Row, Tally, is_impossible

NEW_YORK: Final = ZoneInfo("America/New_York")
CLOSE: Final = time(16)
FIRST_YEAR, LAST_YEAR = 1678, 2261
"""Nanoseconds since 1970 in 63 bits reach no further."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5


def _read(rows: Iterable[Row], instrument_of: Callable[[Row], Instrument], tally: Tally) -> Iterator[Quote]:
    for row in rows:
        day, close, volume = _date(row), row.price("close"), row.qty("volume")
        if close is None or is_impossible(close):
            tally["impossible price"] += 1
            continue
        at, until = _closes(day), _closes(_next_weekday(day))
        last = close if volume else None
        yield Quote(instrument_of(row).instrument_id, at, close, close, volume, volume, last, volume, until)


def _date(row: Row) -> date:
    try:
        day = date.fromisoformat(row.fields["date"])
    except ValueError:
        raise row.wrong("date", "is no date such as 2012-12-31") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise row.wrong("date", f"is beyond what can be counted, the years {FIRST_YEAR} to {LAST_YEAR}")
    return day


@lru_cache(maxsize=64)
def _closes(day: date) -> Nanos:
    """Return when New York closes."""
    return (datetime.combine(day, CLOSE, NEW_YORK).astimezone(UTC) - _EPOCH) // timedelta(microseconds=1) * 1000


def _next_weekday(day: date) -> date:
    day += _DAY
    while day.weekday() >= _SATURDAY:
        day += _DAY
    return day


def _identify(row: Row, symbol: str) -> Instrument:
    return equity(row.text("symbol"))


FORM: Final = Form(
    name="equity days",
    columns=("symbol", "date", "open", "high", "low", "close", "volume"),
    read=_read,
    identify=_identify,
    is_in_time_order=False,
    names_symbol=True,
)
