"""A quote: best bid and ask, and the last trade, of one instrument at one instant."""

from msgspec import Struct

from stopline.model.ids import InstrumentId
from stopline.model.numbers import Nanos, Price, Qty


class Quote(Struct, frozen=True, gc=False):
    """Best bid and ask with displayed sizes, and the last trade. A missing side is None.

    `source_at` is the venue's time. `valid_until` is set where the source says how long
    the quote stands (a minute row stands until the next is due); else age alone decides.
    `last_price` is set only when this message carries a new trade.
    """

    instrument_id: InstrumentId
    source_at: Nanos
    bid: Price | None = None
    ask: Price | None = None
    bid_size: Qty = 0
    ask_size: Qty = 0
    last_price: Price | None = None
    last_size: Qty = 0
    valid_until: Nanos = 0
