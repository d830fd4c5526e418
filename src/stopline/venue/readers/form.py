"""What a format of market file is, and the rows that its reader gets."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

from msgspec import Struct

from stopline.model.instrument import Instrument
from stopline.model.numbers import MAX_SCALED, Nanos, NumberRefused, Price, Qty, parse_price, parse_qty
from stopline.model.quote import Quote

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class RecordingError(Exception):
    """A market file that cannot be read; the message says where and what would be right."""


class Row(Struct, frozen=True, gc=False):
    """One line of a file, by column."""

    where: str
    """The file's name and the line's number."""
    fields: dict[str, str]

    def text(self, column: str) -> str:
        """Return a field; raises RecordingError where it is empty."""
        found = self.fields[column]
        if not found:
            raise self.wrong(column, "is empty")
        return found

    def price(self, column: str) -> Price | None:
        """Return a price, or None for an empty field; raises RecordingError."""
        return self._number(column, parse_price)

    def qty(self, column: str) -> Qty:
        """Return a size, 0 for an empty field; raises RecordingError."""
        found = self._number(column, parse_qty) or 0
        if found < 0:
            raise self.wrong(column, "is negative")
        return found

    def instant(self, column: str) -> Nanos:
        """Return an instant written as 2013-10-07T13:30:00.072Z; raises RecordingError."""
        try:
            moment = datetime.fromisoformat(self.fields[column])
            at: Nanos = (moment - _EPOCH) // _MICROSECOND * 1000
        except (ValueError, TypeError, OverflowError):
            raise self.wrong(column, "is no UTC instant such as 2013-10-07T13:30:00Z") from None
        if abs(at) > MAX_SCALED:
            raise self.wrong(column, "is beyond what can be counted, the years 1678 to 2262")
        return at

    def wrong(self, column: str, what: str) -> RecordingError:
        """Return the error for a field."""
        return RecordingError(f"{self.where}: {column} {ascii(self.fields[column])[:40]} {what}")

    def _number(self, column: str, parse: Callable[[str], int]) -> int | None:
        text = self.fields[column]
        if not text:
            return None
        try:
            return parse(text)
        except NumberRefused as error:
            raise RecordingError(f"{self.where}: {column}: {error}") from None


Tally: TypeAlias = Counter[str]
"""Why rows were left out, and how many of them."""
Read: TypeAlias = Callable[[Iterable[Row], Callable[[Row], Instrument], Tally], Iterator[Quote]]


class Form(Struct, frozen=True):
    """One format of market file."""

    name: str
    columns: tuple[str, ...]
    read: Read
    """Rows to quotes; told how to find a row's instrument, and where to count what it leaves out."""
    identify: Callable[[Row, str], Instrument]
    """Return a row's instrument, given the symbol that the file's name says (where rows do not say it)."""
    is_in_time_order: bool
    """False: rows come symbol by symbol, and must be put in order first."""
    names_symbol: bool
    """Whether rows say what they are about; else the file's name must."""


def both_sides(
    row: Row, bid: str, bid_size: str, ask: str, ask_size: str
) -> tuple[Price | None, Qty, Price | None, Qty]:
    """Return bid and ask with sizes. A side without a price has no size."""
    bid_price, ask_price = row.price(bid), row.price(ask)
    return (
        bid_price,
        0 if bid_price is None else row.qty(bid_size),
        ask_price,
        0 if ask_price is None else row.qty(ask_size),
    )


def last_trade(row: Row, price: str, size: str) -> tuple[Price | None, Qty]:
    """Return the last trade of a bar; none where nothing traded."""
    volume = row.qty(size)
    traded = row.price(price) if volume else None
    return (traded, volume) if traded is not None else (None, 0)


def is_impossible(*prices: Price | None) -> bool:
    """Return whether one of these is no price of something that cannot be worth less than nothing."""
    return any(price is not None and price <= 0 for price in prices)
