"""Every trade and best quote of one equity, to the millisecond.

A quote row says which exchange shows the best price of a side *now*: the newest row of a
side takes the place of the one before it, whichever exchange that was. It is not one
exchange's own quote that stands until that exchange takes it back: read like that, the
book of 2013-10-07 is crossed 98 % of the day, and read like this it agrees with the
minute file of that day in every minute (a test compares them).

Bid and ask of one change are two rows with one time; they make one quote. Rows flagged as
suspicious are left out and counted, and so are stubs: a cent or less, or less than half
or more than twice the price that the other side or the last trade says.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from msgspec import Struct

from stopline.model.instrument import Instrument
from stopline.model.numbers import Nanos, Price, Qty
from stopline.model.quote import Quote
from stopline.venue.equities import CENT, equity
from stopline.venue.readers.form import Form, Row, Tally, is_impossible

TRADE, QUOTE = "T", "Q"


class _Best(Struct, gc=False):
    """The best bid and ask that stand, and the last trade."""

    bid: Price | None = None
    bid_size: Qty = 0
    ask: Price | None = None
    ask_size: Qty = 0
    last: Price | None = None

    def quote(self, instrument_id: str, at: Nanos, last: Price | None = None, size: Qty = 0) -> Quote:
        """Return it as a quote, with a trade or without."""
        return Quote(instrument_id, at, self.bid, self.ask, self.bid_size, self.ask_size, last, size)

    def is_stub(self, price: Price, other: Price | None) -> bool:
        """Return whether nobody means this price."""
        reference = self.last if self.last is not None else other
        return price <= CENT or (reference is not None and not reference <= price * 2 <= reference * 4)


def _read(rows: Iterable[Row], instrument_of: Callable[[Row], Instrument], tally: Tally) -> Iterator[Quote]:
    best, half = _Best(), None
    instrument_id = ""
    for row in rows:
        at, kind = row.instant("ts_utc"), row.fields["kind"]
        instrument_id = instrument_id or instrument_of(row).instrument_id
        completes = kind == QUOTE and half == at and bool(row.fields["ask"]) and not row.fields["bid"]
        if half is not None and not completes:
            yield best.quote(instrument_id, half)
        half = None
        if row.fields["suspicious"] not in ("", "0"):
            tally["flagged"] += 1
            if completes:
                yield best.quote(instrument_id, at)
        elif kind == TRADE:
            yield from _trade(row, best, instrument_id, at, tally)
        elif kind == QUOTE:
            changed = _change(row, best, tally)
            if completes or (changed and row.fields["ask"]):
                yield best.quote(instrument_id, at)
            elif changed:
                half = at
        else:
            raise row.wrong("kind", f"is neither {TRADE} (a trade) nor {QUOTE} (a quote)")
    if half is not None:
        yield best.quote(instrument_id, half)


def _trade(row: Row, best: _Best, instrument_id: str, at: Nanos, tally: Tally) -> Iterator[Quote]:
    price, size = row.price("price"), row.qty("size")
    if price is None or is_impossible(price):
        tally["impossible price"] += 1
        return
    best.last = price
    yield best.quote(instrument_id, at, price, size)


def _change(row: Row, best: _Best, tally: Tally) -> bool:
    """Take over the sides that a row shows; return whether there was one."""
    bid, ask = row.price("bid"), row.price("ask")
    if bid is None and ask is None:
        tally["nothing in it"] += 1
        return False
    changed = False
    if bid is not None:
        if best.is_stub(bid, best.ask):
            tally["stub"] += 1
        else:
            best.bid, best.bid_size, changed = bid, row.qty("bid_size"), True
    if ask is not None:
        if best.is_stub(ask, best.bid):
            tally["stub"] += 1
        else:
            best.ask, best.ask_size, changed = ask, row.qty("ask_size"), True
    return changed


def _identify(row: Row, symbol: str) -> Instrument:
    return equity(symbol)


FORM: Final = Form(
    name="equity ticks",
    columns=tuple("ts_utc kind price size bid bid_size ask ask_size exchange condition suspicious".split()),
    read=_read,
    identify=_identify,
    is_in_time_order=True,
    names_symbol=False,
)
