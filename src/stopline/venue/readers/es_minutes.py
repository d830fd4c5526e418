"""Minute rows of futures, all contracts of a root: trades, and the closing bid and ask.

A row's quote stands until the next row is due, a minute later: through a halt or the
maintenance hour nothing stands. Trade fields are empty where only quotes moved. Far
contracts are one-sided, wide or crossed now and then: that is for the gate to judge.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from stopline.model.instrument import Instrument
from stopline.model.quote import Quote
from stopline.venue.futures import FUTURES, future
from stopline.venue.readers.form import Form, Row, Tally, both_sides, is_impossible, last_trade
from stopline.venue.readers.minutes import MINUTE

_CONTRACT = re.compile(r"([0-9]{4})(0[1-9]|1[0-2])", re.ASCII)


def _read(rows: Iterable[Row], instrument_of: Callable[[Row], Instrument], tally: Tally) -> Iterator[Quote]:
    for row in rows:
        at, instrument = row.instant("ts_utc"), instrument_of(row)
        bid, bid_size, ask, ask_size = both_sides(row, "bid_close", "bid_size", "ask_close", "ask_size")
        last, volume = last_trade(row, "close", "volume")
        if is_impossible(bid, ask, last) and not instrument.price_may_be_negative:
            tally["impossible price"] += 1
        elif bid is None and ask is None and last is None:
            tally["nothing in it"] += 1
        else:
            yield Quote(instrument.instrument_id, at, bid, ask, bid_size, ask_size, last, volume, at + MINUTE)


def _identify(row: Row, symbol: str) -> Instrument:
    root, match = row.text("root"), _CONTRACT.fullmatch(row.text("contract"))
    if root not in FUTURES:
        raise row.wrong("root", f"is no known future: {', '.join(FUTURES)}")
    if match is None:
        raise row.wrong("contract", "is no contract month such as 201312")
    return future(root, int(match[1]), int(match[2]), row.instant("ts_utc"))


FORM: Final = Form(
    name="futures minutes",
    columns=tuple("ts_utc root contract open high low close volume bid_close bid_size ask_close ask_size".split()),
    read=_read,
    identify=_identify,
    is_in_time_order=True,
    names_symbol=True,
)
