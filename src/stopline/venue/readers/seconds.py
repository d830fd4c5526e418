"""Second rows of one equity: a row for each second in which something happened.

How long a quote stands is not said, so that its age decides. Where a second brought
trades and no quote, the quote before it still stands.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from stopline.model.instrument import Instrument
from stopline.model.quote import Quote
from stopline.venue.equities import equity
from stopline.venue.readers.form import Form, Row, Tally, both_sides, is_impossible, last_trade


def _read(rows: Iterable[Row], instrument_of: Callable[[Row], Instrument], tally: Tally) -> Iterator[Quote]:
    standing = Quote("", 0)
    for row in rows:
        bid, bid_size, ask, ask_size = both_sides(row, "bid", "bid_size", "ask", "ask_size")
        last, volume = last_trade(row, "close", "volume")
        if is_impossible(bid, ask, last):
            tally["impossible price"] += 1
            continue
        if bid is None and ask is None:
            if last is None:
                tally["nothing in it"] += 1
                continue
            bid, bid_size, ask, ask_size = standing.bid, standing.bid_size, standing.ask, standing.ask_size
        instrument_id, at = instrument_of(row).instrument_id, row.instant("ts_utc")
        standing = Quote(instrument_id, at, bid, ask, bid_size, ask_size, last, volume)
        yield standing


def _identify(row: Row, symbol: str) -> Instrument:
    return equity(symbol)


FORM: Final = Form(
    name="equity seconds",
    columns=("ts_utc", "open", "high", "low", "close", "volume", "bid", "bid_size", "ask", "ask_size"),
    read=_read,
    identify=_identify,
    is_in_time_order=True,
    names_symbol=False,
)
