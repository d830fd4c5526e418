"""Minute rows of several equities, symbol by symbol: bars of trades, and the closing bid and ask.

A row's quote stands until the next row is due, a minute later. A row without bid and ask
leaves no quote.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from stopline.model.instrument import Instrument
from stopline.model.numbers import SECOND, Nanos
from stopline.model.quote import Quote
from stopline.venue.equities import equity
from stopline.venue.readers.form import Form, Row, Tally, both_sides, is_impossible, last_trade

MINUTE: Final[Nanos] = 60 * SECOND


def _read(rows: Iterable[Row], instrument_of: Callable[[Row], Instrument], tally: Tally) -> Iterator[Quote]:
    for row in rows:
        at = row.instant("ts_utc")
        bid, bid_size, ask, ask_size = both_sides(row, "bid", "bid_size", "ask", "ask_size")
        last, volume = last_trade(row, "close", "volume")
        if is_impossible(bid, ask, last):
            tally["impossible price"] += 1
        elif bid is None and ask is None and last is None:
            tally["nothing in it"] += 1
        else:
            instrument_id = instrument_of(row).instrument_id
            yield Quote(instrument_id, at, bid, ask, bid_size, ask_size, last, volume, at + MINUTE)


def _identify(row: Row, symbol: str) -> Instrument:
    return equity(row.text("symbol"))


FORM: Final = Form(
    name="equity minutes",
    columns=("symbol", "ts_utc", "open", "high", "low", "close", "volume", "bid", "bid_size", "ask", "ask_size"),
    read=_read,
    identify=_identify,
    is_in_time_order=False,
    names_symbol=True,
)
